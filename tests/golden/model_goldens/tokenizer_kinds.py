# SPDX-License-Identifier: Apache-2.0
"""Tiny tokenizers, one of each kind, learnt from texts.py.

The trainers of WordPiece and Unigram give other vocabularies from run to run, so those are counted here.
"""
import collections
import json
import math

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from .texts import CORPUS, PAIRS, TEXTS

VOCABULARY = 190
WORDS = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
         r"\s+(?!\S)|\s+")


def most_frequent(pieces, number):
    """Ties in alphabetical order."""
    counts = collections.Counter(pieces)
    return sorted(counts.items(), key=lambda item: (-item[1] * (len(item[0]) - 1), item[0]))[:number]


def template(tokenizer, single, pair):
    names = {name for name in (single + " " + pair).replace(":1", "").split() if not name.startswith("$")}
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=[(name, tokenizer.token_to_id(name)) for name in sorted(names)])
    return tokenizer


def wordpiece(special):
    normalizer = normalizers.BertNormalizer(lowercase=True)
    splitter = pre_tokenizers.BertPreTokenizer()
    words = [word for line in CORPUS for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(line))]
    letters = sorted({letter for word in words for letter in word})
    inner = sorted({letter for word in words for letter in word[1:]})
    vocabulary = special + letters + ["##" + letter for letter in inner]
    endings = ["##" + word[-length:] for word in words for length in (2, 3) if len(word) > length]
    whole = [word for word in words if len(word) > 1]
    vocabulary += [piece for piece, _ in most_frequent(endings + whole, VOCABULARY - len(vocabulary))]
    tokenizer = Tokenizer(models.WordPiece({piece: id for id, piece in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = splitter
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(special)
    return tokenizer


def byte_level(special, split=None):
    tokenizer = Tokenizer(models.BPE())
    letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=split is None)
    words = [pre_tokenizers.Split(Regex(split), "isolated")] if split else []
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*words, letters]) if words else letters
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(CORPUS * 2 + TEXTS + sum(PAIRS, []) + ["query: "], trainer)
    return tokenizer


def unigram(special):
    """Scores are logarithms of shares, as the trainer's are."""
    normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    splitter = pre_tokenizers.Metaspace()
    words = [word for line in CORPUS for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(line))]
    letters = sorted(collections.Counter("".join(words)).items())
    parts = [word[start:start + length] for word in words for length in (2, 3, 4) for start in range(len(word))
             if start + length <= len(word)]
    pieces = letters + most_frequent(parts, VOCABULARY - len(letters) - len(special))
    total = sum(count for _, count in pieces)
    scored = [(piece, 0.0) for piece in special]
    scored += [(piece, round(math.log(count / total), 6)) for piece, count in pieces]
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=special.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = splitter
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(special)
    return tokenizer


def make_bert():
    tokenizer = wordpiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return template(tokenizer, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1")


def make_mpnet():
    tokenizer = wordpiece(["<s>", "<pad>", "</s>", "[UNK]", "<mask>"])
    return template(tokenizer, "<s> $A </s>", "<s> $A </s> </s> $B </s>")


def make_roberta():
    tokenizer = byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


def make_xlm_roberta():
    return template(unigram(["<s>", "<pad>", "</s>", "<unk>"]), "<s> $A </s>", "<s> $A </s> </s> $B </s>")


def make_gpt2():
    return byte_level(["<|endoftext|>"])


def make_llama():
    tokenizer = byte_level(["<|begin_of_text|>", "<|end_of_text|>"], WORDS)
    return template(tokenizer, "<|begin_of_text|> $A", "<|begin_of_text|> $A <|begin_of_text|>:1 $B:1")


def make_qwen():
    return byte_level(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], WORDS)


def make_qwen_embedding():
    return template(make_qwen(), "$A <|endoftext|>", "$A $B:1 <|endoftext|>:1")


ANGLES = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>",
          "mask_token": "<mask>"}
KINDS = {
    "bert": (make_bert, {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]",
                         "mask_token": "[MASK]", "do_lower_case": True}),
    "mpnet": (make_mpnet, {**ANGLES, "unk_token": "[UNK]"}),
    "roberta": (make_roberta, {**ANGLES, "unk_token": "<unk>"}),
    "xlm-roberta": (make_xlm_roberta, {**ANGLES, "unk_token": "<unk>"}),
    "gpt2": (make_gpt2, {"eos_token": "<|endoftext|>"}),
    "llama": (make_llama, {"bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>"}),
    "qwen": (make_qwen, {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}),
    "qwen-embedding": (make_qwen_embedding, {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}),
}


def write_tokenizers(folder):
    """folder/<kind>/{tokenizer.json,tokenizer_config.json} for each of KINDS."""
    for kind, (make, special) in KINDS.items():
        target = folder / kind
        target.mkdir(parents=True)
        (target / "tokenizer.json").write_text(make().to_str(pretty=False) + "\n", encoding="utf-8")
        inputs = ["input_ids", "attention_mask"] + (["token_type_ids"] if kind == "bert" else [])
        config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, "model_input_names": inputs,
                  **special}
        (target / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
