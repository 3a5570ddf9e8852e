# SPDX-License-Identifier: Apache-2.0
"""What the tokenizers learn from, and the texts whose results the folders hold."""

CORPUS = """\
The sun rises over the quiet harbour and the fishing boats return with the morning tide.
A small model reads a text from left to right and guesses the next word.
Numbers such as 1, 2, 3, 10 and 2024 stand between words; so do signs like (these) or "those".
Why do people count things? Because counting is the first step of measuring, and measuring of knowing.
The baker opens the shop at five, the teacher opens the school at eight, and the moon opens the night.
Water boils at one hundred degrees, ice melts at zero, and the kettle sings in between.
def add(a, b):
    return a + b
If the window is short, words that are far away are not seen; the reading goes on with what is near.
She wrote that the letter had arrived, that the answer was short, and that nothing else was to be said.
春天来了，河边的柳树发芽了，孩子们在草地上放风筝。
小模型从左到右读一段文字，然后猜下一个词。
水在一百度沸腾，冰在零度融化。
""".splitlines()

# The first is longer than every attention window and than the original context of every scaled rope in the folders; the
# long one is longer than what most of them read. Tests must keep to these texts: the tokenizers know no other bytes.
MIDDLE = "The teacher wrote that the small boats return at night, and counting the words is the first step of reading."
LONG = ("If the harbour is quiet the baker sings, and nothing else was to be said between five and eight; the moon "
        "opens over the water, ice melts in the kettle, people measure degrees and count to one hundred.")
TEXTS = [MIDDLE, "Why", LONG, "小模型在河边读文字，水沸腾了。", "Sun \U0001F31E and 风筝 \U0001FA81!", "", "  two  spaces\n"]

PAIRS = [
    ["Why do people count?", "Because counting is knowing."],
    ["水在一百度沸腾。", "Water boils at one hundred degrees, ice melts at zero."],
    ["short", ""],
]
