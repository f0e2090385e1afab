"""SQLAlchemy without Flask: base, column types, keys, and the one transaction."""

from app.platform.data.base import Base
from app.platform.data.ids import new_id
from app.platform.data.transaction import one_moment, transaction
from app.platform.data.types import Id, Json, Moment, Sealed, SealedJson

__all__ = ["Base", "Id", "Json", "Moment", "Sealed", "SealedJson", "new_id", "one_moment", "transaction"]
