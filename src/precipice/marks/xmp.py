"""XMP: what its packet says of source, tools and mining, parsed without entities.

Source: IPTC Photo Metadata 2025.1 (`Iptc4xmpExt:DigitalSourceType`, `AISystemUsed`); PLUS LDF 2.0 (`plus:DataMining`);
C2PA 2.1, section A.4 (`dcterms:provenance`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from precipice.marks import limits

IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
WANTED = {
    f"{{{IPTC}}}DigitalSourceType": "source_type",
    f"{{{IPTC}}}AISystemUsed": "ai_system",
    f"{{{IPTC}}}AISystemVersionUsed": "ai_version",
    f"{{{PLUS}}}DataMining": "data_mining",
    "{http://purl.org/dc/elements/1.1/}description": "description",
    "{http://purl.org/dc/terms/}provenance": "provenance",
    "{http://ns.adobe.com/xap/1.0/}CreatorTool": "software",
}


@dataclass(frozen=True)
class Xmp:
    """The wanted properties of all packets of a file."""

    found: tuple[tuple[str, str], ...] = ()
    """Name and value of each, in the order of the file."""
    broken: bool = False
    """Whether a packet could not be parsed: no XML, one that declares entities, or
    longer than is read."""

    def all(self, name: str) -> tuple[str, ...]:
        """Give every value of a property, in order, each once."""
        return tuple(dict.fromkeys(value for key, value in self.found if key == name))


def read_xmp(packets: Iterable[bytes]) -> Xmp:
    """Read the packets of a file; one that cannot be parsed is passed over."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    found: list[tuple[str, str]] = []
    broken = False
    for packet in packets:
        if len(packet) > limits.PACKET:
            broken = True
            continue
        try:
            root = fromstring(packet.strip(b"\0 \t\r\n"), forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            broken = True
            continue
        for element in root.iter():
            found += [(WANTED[name], value.strip()) for name, value in element.attrib.items() if name in WANTED]
            if element.tag in WANTED:
                found += [(WANTED[element.tag], value) for value in _values(element)]
    return Xmp(tuple(found), broken)


def _values(element: "Element") -> list[str]:  # type: ignore[name-defined]  # noqa: F821  imported when needed
    resource = element.get(f"{{{RDF}}}resource", "")
    texts = [resource, *(text.strip() for text in element.itertext())]
    return [text for text in texts if text]
