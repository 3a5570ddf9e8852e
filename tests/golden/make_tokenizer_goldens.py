#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tokenizer/: small tokenizers, each trained here on made-up text, and what Hugging Face's own Python gives for
texts.txt's texts with them; chat templates in the styles of published ones, and what transformers renders with them.

Made with tokenizers 0.23.3, transformers 5.24, jinja2 3.1. Run it from anywhere:
  python3 tests/golden/make_tokenizer_goldens.py
"""
import json
import pathlib
import random

from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
                        trainers)

FOLDER = pathlib.Path(__file__).resolve().parent / "tokenizer"

WORDS = """the a of to in is that it for on with as was are by this be from or an at not which have but one all they
model data token sentence record select nearest distance centre cover corpus answer question write read explain list
function value return number compute large small quick slow river mountain window morning evening teacher student
garden kitchen music painter doctor engine bridge paper letter story winter summer market village people running
walked talking faster slowest unhappy rewriting kindness beautiful international understanding""".split()
CHARACTERS = "的一是不了人在有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话"
EMOJI = ["🙂", "🚀", "👩‍🔬", "❤️", "🇪🇺"]
PATTERN = {
    "llama3": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}


def sentence(rng):
    kind = rng.random()
    if kind < 0.3:
        return "".join(rng.choice(CHARACTERS) for _ in range(rng.randint(4, 24))) + rng.choice("。，！？")
    words = [rng.choice(WORDS) for _ in range(rng.randint(3, 16))]
    if kind > 0.8:
        words.insert(rng.randrange(len(words)), rng.choice(["3", "42", "1999", "3.14", "100000", "'s", "can't", "é", "naïve"]))
    if kind > 0.95:
        words.append(rng.choice(EMOJI))
    text = " ".join(words)
    return text[0].upper() + text[1:] + rng.choice([".", ".", "!", "?", ";", " :)"])


def corpus():
    rng = random.Random(7)
    return [" ".join(sentence(rng) for _ in range(rng.randint(1, 4))) for _ in range(1500)]


def texts():
    rng = random.Random(11)
    made = [" ".join(sentence(rng) for _ in range(rng.randint(1, 8))) for _ in range(8)]
    return made + [
        "", " ", "   ", "\n", "\t\n  \r\n", "a", " a", "a ", "  two  spaces  ", "line\nbreak\n\nparagraph\r\n  indented",
        "The river's edge; they've walked, he'd not.", "UPPER lower MiXeD ÀÉÎ ñandú straße", "e\u0301 n\u0303 \u1e9b\u0323",
        "2024-11-24 12:34:56 1234567890 3.14e-10 ½ Ⅳ ٣", "你好，世界！这是一个句子。中文English混排", "日本語のテキスト　全角", "한국어 문장",
        "🙂🚀 👩‍🔬 ❤️ 🇪🇺", "\u00a0no\u2003break\u200bspace\ufeff\u2028line", "control \x00\x01\x1f\x7f end", "\ufffd \ufffe \U0010ffff",
        "[MASK] here [CLS] and [SEP]", "<s>text</s> <unk> <|im_start|>user<|im_end|>", "a<mask>b  <mask>  c", "▁meta▁space ▁",
        "def f(x):\n    return x**2  # square\n\tpass", "https://example.org/a_b?c=d&e=f#g", "x" * 120, "word" * 20, "=" * 80,
        "。" * 50, "的" * 40, "مرحبا بالعالم", "नमस्ते दुनिया", "Ελληνικά ΟΔΥΣΣΕΥΣ", "İstanbul DŽ ﬁ ﬂ ①②③ ｆｕｌｌ　ｗｉｄｔｈ",
        " ".join(["the"] * 60), "\n".join("row %d, value %d" % (i, i * i) for i in range(12)),
    ]


def wordpiece(corpus):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=500, special_tokens=special,
                                                                    show_progress=False))
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def byte_level(corpus):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=500, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def roberta(corpus):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=500, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=True)
    return tokenizer


def llama3(corpus):
    """A pattern of its own before byte-level BPE, one token in front."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN["llama3"]), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=500, special_tokens=["<|begin_of_text|>", "<|eot_id|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1",
                                      special_tokens=[("<|begin_of_text|>", 0)])])
    return tokenizer


def llama2(corpus):
    """SentencePiece's BPE with bytes for what is unknown; no pre-tokenizer, as in the published files."""
    bytes_ = ["<0x%02X>" % i for i in range(256)]
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first")
    trained.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=600, special_tokens=["<unk>", "<s>", "</s>"] + bytes_, show_progress=False, limit_alphabet=120))
    model = json.loads(trained.to_str())["model"]
    vocab = model["vocab"]
    for run in ["▁▁", "▁▁▁▁"]:
        vocab[run] = len(vocab)
    merges = [("▁", "▁"), ("▁▁", "▁▁")] + [tuple(pair) for pair in model["merges"]]
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in ["<unk>", "<s>", "</s>"]])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(content=" ", left=1)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1",
                                                             special_tokens=[("<s>", 1)])
    return tokenizer


def unigram(corpus):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=700, special_tokens=special, unk_token="<unk>",
                                                                  show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer


def without_cuts(corpus):
    """A pre-tokenizer that looks beyond white space: long texts must be tokenised whole."""
    tokenizer = byte_level(corpus)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"\w+(?=\s+the)|\s+|."), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return tokenizer


def encodings(tokenizer, texts):
    tokenizer.no_truncation()
    tokenizer.no_padding()
    pairs = list(zip(texts, reversed(texts)))
    out = {"plain": [], "special": [], "cut": {}, "pairs": [], "cut_pairs": {}}
    for text in texts:
        out["plain"].append(tokenizer.encode(text, add_special_tokens=False).ids)
        out["special"].append(len(tokenizer.encode(text).ids))
    for pair in pairs:
        encoding = tokenizer.encode(*pair)
        out["pairs"].append(len(encoding.ids))
    for most in [5, 16]:
        tokenizer.enable_truncation(most, strategy="longest_first")
        out["cut"][str(most)] = [tokenizer.encode(text).ids for text in texts]
        cut = [tokenizer.encode(*pair) for pair in pairs]
        out["cut_pairs"][str(most)] = [[e.ids, e.type_ids] for e in cut]
    tokenizer.no_truncation()
    out["decoded"] = [tokenizer.decode(ids) for ids in out["plain"]]
    return out


def write_tokenizers():
    made = {"wordpiece": wordpiece, "byte_level": byte_level, "roberta": roberta, "llama3": llama3, "llama2": llama2,
            "unigram": unigram, "without_cuts": without_cuts}
    words, samples = corpus(), texts()
    (FOLDER / "texts.json").write_text(json.dumps(samples, ensure_ascii=True), encoding="utf-8")
    for name, make in made.items():
        tokenizer = make(words)
        expected = encodings(tokenizer, samples) if name != "without_cuts" else None
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        if name == "wordpiece":
            # As published sentence encoders store it; whoever reads the file must not heed it.
            tokenizer.enable_truncation(12)
            tokenizer.enable_padding(length=12)
        tokenizer.save(str(FOLDER / name / "tokenizer.json"), pretty=False)
        if expected:
            (FOLDER / name / "expected.json").write_text(json.dumps(expected, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write_tokenizers()
