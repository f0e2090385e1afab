"""The workbooks of the room: every module beside this file names its own as `SHEETS`."""
