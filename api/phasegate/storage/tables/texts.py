"""What people wrote beside records."""

from typing import ClassVar

from sqlmodel import Field, SQLModel


class FreeText(SQLModel, table=True):
    """What a person wrote, beside the record it belongs to. Erasable."""

    __tablename__: ClassVar[str] = "free_text"
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    text: str
