"""How much of a file is read: each limit with its reason.  Whatever goes past one is noted in the file's record."""

LARGEST = 256 << 20
"""Bytes of a file: the native C2PA reader holds a JPEG whole, and a worker shall stay under half a GiB."""
MOST_PARTS = 100_000
"""Chunks, segments or boxes of a file: a PNG of the largest size in chunks of 8 KiB has 32,768."""
PART = 8 << 20
"""Bytes of one chunk, segment or box that is read into memory: the longest workflows of ComfyUI are about 1 MB."""
TEXT = 8 << 20
"""Bytes of one text once it is unpacked: 8 KiB of zlib can unpack to 8 MB, which is where a bomb begins."""
TEXTS = 256
"""Texts of a file: generators write fewer than ten."""
ALL_TEXT = 32 << 20
"""Bytes of all the texts of a file together."""
PACKET = 2 << 20
"""Bytes of an XMP packet that is parsed: as a tree it takes some thirty times as many."""
BLOCKS = 64
"""Blocks of EXIF, of XMP or of C2PA of a file: a JPEG splits a manifest into segments of 64 KiB."""
ENTRIES = 512
"""Entries of an EXIF directory: cameras write about a hundred."""
PIXELS = 1 << 26
"""Pixels of a picture that is decoded (8,192 by 8,192, the largest that upscalers write): 256 MiB with alpha."""
ROWS = 64 << 20
"""Bytes of unpacked rows that are looked at for a hidden header: 152 rows of a picture 100,000 pixels wide."""
SCANNED = 16 << 20
"""Bytes at the beginning of a file of other kinds that are searched for an XMP packet."""
FIELD = 120
"""Characters of a kept field: a model's name or a version."""
SECONDS = 30.0
"""Time for one file: the slowest sound one of the test files takes a tenth of a second."""
