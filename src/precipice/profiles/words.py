"""Words in tags that speak of generative models, in several languages: what is looked for, and what else they may mean.

Words are compared with a tag's letters and digits alone, in lower case and without the kind of the tag, and the whole
tag must be the word: `No AI!`, `no_ai` and `meta:no-ai` are `noai`, while `glazed donut` is not `glazed`.
A word belongs to one mark.  Titles and captions are not in the archive and are not searched.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """One thing that tags may speak of."""

    name: str
    """Key, as in results."""
    label: str
    """As written on figures."""
    words: tuple[str, ...]
    """Lower case, letters and digits only; English first, then by language."""
    may_mean: str
    """What else a tag with such a word may mean."""


MARKS: Mapping[str, Mark] = {
    mark.name: mark
    for mark in (
        Mark(
            "glaze",
            "Glaze",
            ("glaze", "glazed", "glazeai", "glazedart", "glazedartwork", "glazeprotected", "protectedbyglaze",
             "glaze加工", "glaze処理", "glaze済み", "グレーズ", "已glaze", "글레이즈"),
            "ceramics and food (glaze, glazed), and the act of speaking about the program without using it",
        ),
        Mark(
            "nightshade",
            "Nightshade",
            ("nightshade", "nightshaded", "nightshadeai", "nightshadeprotected", "protectedbynightshade",
             "ナイトシェード", "nightshade加工", "nightshade済み", "已nightshade", "나이트셰이드"),
            "the plant, and characters of that name",
        ),
        Mark(
            "watermark",
            "watermark",
            ("watermark", "watermarks", "watermarked", "samplewatermark", "thirdpartywatermark",
             "透かし", "透かし入り", "ウォーターマーク", "水印", "浮水印", "加水印", "워터마크",
             "wasserzeichen", "filigrane", "filigrana", "marcadeagua", "marcadágua", "marcadagua", "водянойзнак"),
            "a mark put in by somebody other than the creator or long before there were generative models; filigree",
        ),
        Mark(
            "no_ai",
            "no AI",
            ("noai", "noaiart", "notoai", "notoaiart", "notoaigeneratedimages", "saynotoaiart", "noaitraining",
             "donottrainai", "antiai", "antiaiart", "artistsagainstai",
             "ai学習禁止", "無断ai学習禁止", "無断学習禁止", "ai使用禁止", "ai禁止", "生成ai禁止", "禁止ai学习",
             "禁止ai学習", "禁止ai训练", "拒绝ai", "ai학습금지", "keineki", "gegenki", "sansia", "noalaia",
             "nãoàia", "naoaia"),
            "that the picture is not made by a model, rather than that none may be trained on it",
        ),
        Mark(
            "ai_words",
            "made with AI, in tags",
            ("aiart", "aiartwork", "aigenerated", "aigeneratedart", "aigeneratedimage", "aiassisted", "aiartist",
             "createdwithai", "madewithai", "generatedwithai", "generativeai", "midjourney", "stablediffusion",
             "stablediffusionart", "novelai", "novelaidiffusion", "dalle", "dalle2", "dalle3", "aiイラスト", "ai生成",
             "ai生成イラスト", "ai絵", "生成ai", "ai作画", "ai绘画", "ai绘图", "ai作品", "ai繪圖",
             "ai그림", "ai일러스트", "kigeneriert", "kikunst", "artia", "arteia", "arteconia", "нейросеть",
             "нейроарт"),
            "speaking about such pictures rather than being one",
        ),
    )
}  # fmt: skip
"""Every mark by name."""


def word_lists() -> Mapping[str, tuple[str, ...]]:
    """Give the words of each mark, as the archive's query takes them."""
    return {name: mark.words for name, mark in MARKS.items()}
