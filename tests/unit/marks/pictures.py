"""Small pictures with marks of every family, made by hand, and signed where the reader is installed."""

import gzip
import io
import json
import struct
import zlib
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SECRET = "portrait of Jane Roe, 12 Elm Street"  # noqa: S105  stands in every prompt, and may be kept nowhere
TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

PARAMETERS = (
    f"{SECRET}\nNegative prompt: {SECRET}\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8, "
    "Model hash: abcdef1234, Model: myModel_v1, Version: v1.9.4"
)
COMFY = {
    "3": {"inputs": {"ckpt_name": "myModel.safetensors"}, "class_type": "CheckpointLoaderSimple"},
    "6": {"inputs": {"text": SECRET}, "class_type": "CLIPTextEncode"},
}
FOOOCUS = {"base_model": "myModel", "base_model_hash": "ab12", "version": "Fooocus v2.4.3", "performance": "Speed",
           "prompt": SECRET}  # fmt: skip
INVOKE = {"app_version": "4.2.1", "model": {"name": "myModel", "hash": "blake3:ab"}, "positive_prompt": SECRET}
NOVEL = {"Software": "NovelAI", "Source": "Stable Diffusion 1D44365E", "Description": SECRET,
         "Comment": json.dumps({"uc": SECRET})}  # fmt: skip
JOB = f"{SECRET} --ar 2:1 --v 6 Job ID: a7421d2f-b262-44f9-977c-ac23e9c7d3e3"


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def header(width: int = 1, height: int = 1, colour: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))


def png(*chunks: bytes) -> bytes:
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    return SIGNATURE + header() + b"".join(chunks) + pixels + chunk(b"IEND", b"")


def text(keyword: str, words: str) -> bytes:
    return chunk(b"tEXt", keyword.encode() + b"\0" + words.encode())


def packed(keyword: str, words: bytes) -> bytes:
    return chunk(b"zTXt", keyword.encode() + b"\0\0" + zlib.compress(words, 9))


def international(keyword: str, words: bytes, *, pack: bool = False) -> bytes:
    body = zlib.compress(words, 9) if pack else words
    return chunk(b"iTXt", keyword.encode() + (b"\0\1\0" if pack else b"\0\0\0") + b"\0\0" + body)


def xmp(**values: str) -> bytes:
    """Make a packet with properties such as `Iptc4xmpExt_DigitalSourceType`, written as attributes."""
    attributes = " ".join(f'{name.replace("_", ":", 1)}="{value}"' for name, value in values.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xmp="http://ns.adobe.com/xap/1.0/" {attributes}/></rdf:RDF></x:xmpmeta>'
    ).encode()


def exif(tag: int, value: bytes, *, inner: bool = False, order: str = "<") -> bytes:
    """Make an EXIF block with one tag, in the first directory or in the one that it points at."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    kind = 7 if inner else 2
    start = 8 if not inner else 26
    entry = struct.pack(order + "HHHII", 1, tag, kind, len(value), start + 18) + struct.pack(order + "I", 0)
    pointer = struct.pack(order + "HHHII", 1, 0x8769, 4, 1, 26) + struct.pack(order + "I", 0) if inner else b""
    return mark + struct.pack(order + "I", 8) + pointer + entry + value


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    body = b"".join(struct.pack(">BBH", 0xFF, code, len(content) + 2) + content for code, content in segments)
    return b"\xff\xd8" + body + b"\xff\xda\x00\x02" + b"\xff\xd9"


def webp(**chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(
        struct.pack("<4sI", name.ljust(4).encode(), len(content)) + content + b"\0" * (len(content) % 2)
        for name, content in chunks.items()
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def stealth(
    words: str, *, size: tuple[int, int] = (64, 64), alpha: bool = True, pack: bool = True, shift: int = 0
) -> bytes:
    """Hide words in the lowest bits of a noisy picture, written by Pillow with filters of all kinds."""
    body = gzip.compress(words.encode()) if pack else words.encode()
    name = f"stealth_{'png' if alpha else 'rgb'}{'comp' if pack else 'info'}".encode()
    bits = np.unpackbits(np.frombuffer(name + struct.pack(">I", 8 * len(body) + shift) + body, np.uint8))
    width, height = size
    rng = np.random.default_rng(7)
    # Noise over a slope, so that every filter is the best one for some row.
    slope = np.add.outer(np.arange(height) * 3, np.arange(width) * 2)[..., None]
    pixels = ((slope + rng.integers(0, 40, (height, width, 4))) % 256).astype(np.uint8)
    pixels[..., 3] |= 0xF0
    part = pixels[..., 3:] if alpha else pixels[..., :3]
    flat = part.transpose(1, 0, 2).reshape(-1).copy()
    flat[: len(bits)] = (flat[: len(bits)] & 0xFE) | bits
    part[...] = flat.reshape(width, height, -1).transpose(1, 0, 2)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


SAMPLES: dict[str, list[bytes]] = {
    "iptc": [png(international("XML:com.adobe.xmp", xmp(Iptc4xmpExt_DigitalSourceType=TRAINED)))],
    "automatic1111": [
        png(text("parameters", PARAMETERS)),
        png(packed("parameters", PARAMETERS.encode())),
        png(international("parameters", PARAMETERS.encode(), pack=True)),
        jpeg((0xE1, b"Exif\0\0" + exif(0x9286, b"UNICODE\0" + PARAMETERS.encode("utf-16-be"), inner=True, order=">"))),
        webp(EXIF=exif(0x9286, b"UNICODE\0" + PARAMETERS.encode("utf-16-le"), inner=True)),
        stealth(PARAMETERS),
    ],
    "comfyui": [
        png(text("prompt", json.dumps(COMFY))),
        png(text("workflow", json.dumps({"last_node_id": 2, "nodes": [{"widgets_values": [SECRET]}], "links": []}))),
        webp(EXIF=exif(0x0110, b"prompt:" + json.dumps(COMFY).encode() + b"\0")),
    ],
    "fooocus": [
        png(text("parameters", json.dumps(FOOOCUS))),
        png(text("parameters", PARAMETERS.replace("v1.9.4", "Fooocus v2.4.3"))),
    ],
    "invokeai": [
        png(text("invokeai_metadata", json.dumps(INVOKE))),
        png(text("sd-metadata", json.dumps({"app_version": "2.3", "model_weights": "myModel", "image": SECRET}))),
        png(text("Dream", f'"{SECRET}" -s 50 -S 1 -W 512')),
        png(text("invokeai_graph", json.dumps({"nodes": {"a": {"prompt": SECRET}}}))),
    ],
    "novelai": [
        png(*(text(keyword, words) for keyword, words in NOVEL.items())),
        stealth(json.dumps(NOVEL)),
    ],
    "midjourney": [png(text("Description", JOB)), jpeg((0xE1, b"Exif\0\0" + exif(0x010E, JOB.encode() + b"\0")))],
    "dalle": [
        png(text("Software", "OpenAI DALL·E 3")),
        png(chunk(b"caBX", b"jumb\x6aChatGPT\x63agent" + TRAINED.encode())),
    ],
}  # fmt: skip
"""Family → files that carry its mark; what C2PA's reader needs is signed by `signed`."""


@cache
def _signer() -> object:
    """Make a signer whose certificates are those of nobody."""
    import c2pa
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    start = datetime(2024, 1, 1, tzinfo=UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)]) for name in ("Root", "Leaf")]
    made = []
    for index in range(2):
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
             "decipher_only"), False,
        )  # fmt: skip
        builder = (
            x509.CertificateBuilder().subject_name(names[index]).issuer_name(names[0]).serial_number(index + 1)
            .public_key(keys[index].public_key()).not_valid_before(start)
            .not_valid_after(start + timedelta(days=36_500))
            .add_extension(x509.BasicConstraints(not index, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(keys[index].public_key()), critical=False)
            .add_extension(x509.KeyUsage(digital_signature=bool(index), key_cert_sign=not index, crl_sign=not index,
                                         **usage), critical=True)
        )  # fmt: skip
        if index:
            issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key())
            use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(issuer, critical=False).add_extension(use, critical=False)
        made.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key = keys[1].private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return c2pa.Signer.from_info(c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, made[1] + made[0], key, None))


def signed(
    *assertions: dict[str, object], software: str = "Test Painter", ingredient: bytes | None = None, kind: str = "PNG"
) -> bytes:
    """Sign a small picture with a manifest of these assertions, and perhaps a picture that went into it."""
    import c2pa

    manifest = {"claim_generator_info": [{"name": software, "version": "1"}], "title": SECRET,
                "assertions": list(assertions)}  # fmt: skip
    builder = c2pa.Builder.from_json(json.dumps(manifest))
    if ingredient is not None:
        part = json.dumps({"title": SECRET, "relationship": "componentOf"})
        builder.add_ingredient(part, "image/png", io.BytesIO(ingredient))
    plain, out = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (8, 8)).save(plain, kind)
    plain.seek(0)
    builder.sign(_signer(), f"image/{kind.lower()}", plain, out)
    return out.getvalue()


def created(source: str, **more: object) -> dict[str, object]:
    """Make an assertion that a file was created from such a source."""
    action = {"action": "c2pa.created", "digitalSourceType": source, **more}
    return {"label": "c2pa.actions.v2", "data": {"actions": [action]}}


def mining(use: str) -> dict[str, object]:
    """Make an assertion on training and mining."""
    entries = {"c2pa.ai_generative_training": {"use": use}, "c2pa.data_mining": {"use": "allowed"}}
    return {"label": "c2pa.training-mining", "data": {"entries": entries}}
