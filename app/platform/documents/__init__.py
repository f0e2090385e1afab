"""Stored files and printed documents: the print, sign, stamp, scan and upload loop (C-20)."""

from app.platform.documents.batch import print_later, printed_files
from app.platform.documents.bundling import bundle_later
from app.platform.documents.comparing import verify
from app.platform.documents.correction_letters import TEMPLATE as CORRECTION_LETTER
from app.platform.documents.disk import DiskStorage
from app.platform.documents.entities import Document, File, Reading
from app.platform.documents.facing import Facing, facing, recorded
from app.platform.documents.files import (
    RESULT,
    StoredFile,
    attach,
    enter,
    facts,
    facts_of,
    forget_results,
    may_have,
    open_file,
    remove,
    store,
    sweep,
)
from app.platform.documents.names import clean_name, document_name, numbered
from app.platform.documents.numbers import next_number
from app.platform.documents.press import PageRead, Press, RenderFailed
from app.platform.documents.printing import Rendered, TooManyPages, keep, prepare
from app.platform.documents.reading import readings, verdicts
from app.platform.documents.s3 import S3Storage
from app.platform.documents.screening import Clamd, Infected, Scanner, ScannerAway
from app.platform.documents.settings import Settings, settings, use
from app.platform.documents.sockets import plug
from app.platform.documents.storage import Storage, StorageAway, StorageFull
from app.platform.documents.uploads import LIMIT, Received, UploadRefused, check_upload, screen
from app.platform.documents.zipping import zip_later

__all__ = [
    "CORRECTION_LETTER",
    "LIMIT",
    "RESULT",
    "Clamd",
    "DiskStorage",
    "Document",
    "Facing",
    "File",
    "Infected",
    "PageRead",
    "Press",
    "Reading",
    "Received",
    "RenderFailed",
    "Rendered",
    "S3Storage",
    "Scanner",
    "ScannerAway",
    "Settings",
    "Storage",
    "StorageAway",
    "StorageFull",
    "StoredFile",
    "TooManyPages",
    "UploadRefused",
    "attach",
    "bundle_later",
    "check_upload",
    "clean_name",
    "document_name",
    "enter",
    "facing",
    "facts",
    "facts_of",
    "forget_results",
    "keep",
    "may_have",
    "next_number",
    "numbered",
    "open_file",
    "plug",
    "prepare",
    "print_later",
    "printed_files",
    "readings",
    "recorded",
    "remove",
    "screen",
    "settings",
    "store",
    "sweep",
    "use",
    "verdicts",
    "verify",
    "zip_later",
]
