"""The front door for XML: bytes become a bounded, inert tree, or are refused."""

from __future__ import annotations

from typing import Final

from lxml import etree

LARGEST_FILE: Final = 512 * 1024
MOST_NODES: Final = 20_000


class NotAdmitted(Exception):
    """The file does not pass the door; `code` is a problem's code."""

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code, self.parameters = code, parameters


def admit(content: bytes) -> etree._Element:
    """Parse `content` without entities, network, DOCTYPE, comments or processing instructions."""
    if len(content) > LARGEST_FILE:
        raise NotAdmitted("file_too_large", limit=str(LARGEST_FILE // 1024))
    bare = content.replace(b"\x00", b"").upper()  # UTF-16 and UTF-32 are ASCII with zeros between
    if b"<!DOCTYPE" in bare or b"<!ENTITY" in bare:
        raise NotAdmitted("doctype")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
        recover=False,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise NotAdmitted("not_xml", reason=str(error)[:200]) from None
    document = root.getroottree().docinfo
    if document.doctype or document.internalDTD is not None or document.externalDTD is not None:
        raise NotAdmitted("doctype")
    for count, _node in enumerate(root.iter(), 1):
        if count > MOST_NODES:
            raise NotAdmitted("too_many_nodes", limit=str(MOST_NODES))
    return root
