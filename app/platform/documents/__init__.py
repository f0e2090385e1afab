"""Stored files and printed documents: the print, sign, stamp, scan and upload loop (C-20)."""

from app.platform.documents.entities import Document, File
from app.platform.documents.files import (
    RESULT,
    StoredFile,
    attach,
    enter,
    facts,
    forget_results,
    open_file,
    remove,
    store,
    sweep,
)
from app.platform.documents.names import clean_name, document_name, numbered
from app.platform.documents.numbers import next_number
from app.platform.documents.press import Press, RenderFailed
from app.platform.documents.printing import Rendered, TooManyPages, keep, plug, prepare, prepare_many
from app.platform.documents.settings import Settings, settings, use
from app.platform.documents.storage import Storage, StorageFull
from app.platform.documents.uploads import LIMIT, Received, UploadRefused, check_upload
from app.platform.documents.zipping import TooMany, zip_later

__all__ = [
    "LIMIT",
    "RESULT",
    "Document",
    "File",
    "Press",
    "Received",
    "RenderFailed",
    "Rendered",
    "Settings",
    "Storage",
    "StorageFull",
    "StoredFile",
    "TooMany",
    "TooManyPages",
    "UploadRefused",
    "attach",
    "check_upload",
    "clean_name",
    "document_name",
    "enter",
    "facts",
    "forget_results",
    "keep",
    "next_number",
    "numbered",
    "open_file",
    "plug",
    "prepare",
    "prepare_many",
    "remove",
    "settings",
    "store",
    "sweep",
    "use",
    "zip_later",
]
