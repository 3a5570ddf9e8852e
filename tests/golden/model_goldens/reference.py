# SPDX-License-Identifier: Apache-2.0
"""What transformers and sentence-transformers compute from a folder, and checks that every part of it matters."""
import json
import re

import numpy as np
import torch
from tokenizers import Tokenizer

from .folders import load
from .texts import PAIRS, TEXTS

VISIBLE = 1e-3  # what a part must change at least to be said to matter
# Adds the same number to all scores of a query, which the softmax takes out again; a pooler that nothing reads.
WITHOUT_EFFECT = {
    "bert|roberta|xlm-roberta|distilbert|mpnet": r"\.(key|k_lin|attn\.k)\.bias$",
    "deberta-v2": r"\.pos_key_proj\.bias$",
}
POOLER = r"(^|\.)pooler\."


def limit_of(recipe):
    return recipe.sentence_config.get("max_seq_length", recipe.max_length)


def tokenize(folder, recipe, texts):
    """By the tokenizer alone: ids and token types, cut at the recipe's limit, whatever tokenizer.json says of that."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(limit_of(recipe))
    encodings = [tokenizer.encode(*text) if isinstance(text, list) else tokenizer.encode(text) for text in texts]
    return [encoding.ids for encoding in encodings], [encoding.type_ids for encoding in encodings]


def inputs_of(model, ids, types):
    tensors = {"input_ids": torch.tensor([ids]), "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}
    if model.config.model_type in ("bert", "deberta-v2"):
        tensors["token_type_ids"] = torch.tensor([types])
    return tensors


def next_token_losses(logits, ids):
    """Of the second token to the last."""
    chances = torch.log_softmax(logits[0, :-1].float(), dim=-1)
    return -chances.gather(1, torch.tensor(ids)[1:, None])[:, 0]


@torch.no_grad()
def results(model, recipe, ids, types):
    """One array a text, each computed alone; None where a text has no token to start from."""
    if recipe.task == "encode":
        return [model(**inputs_of(model, *text)).last_hidden_state[0].numpy() for text in zip(ids, types)]
    if recipe.task == "classify":
        return [model(**inputs_of(model, *text)).logits[0].numpy() if text[0] else None for text in zip(ids, types)]
    values = []
    for text, kinds in zip(ids, types):
        if not text:
            values.append(np.zeros(0, np.float32))
            continue
        reset_rope(model)
        values.append(next_token_losses(model(**inputs_of(model, text, kinds), use_cache=False).logits, text).numpy())
    return values


def reset_rope(model):
    """The frequencies of `dynamic` otherwise hang on the longest text that the model has seen."""
    rope = getattr(model.base_model, "rotary_emb", None)
    if rope is not None and rope.rope_type == "dynamic":
        rope.__init__(model.config)


def greatest_difference(left, right):
    assert [value is None for value in left] == [value is None for value in right]
    pairs = [(a, b) for a, b in zip(left, right) if a is not None and a.size]
    assert all(a.shape == b.shape for a, b in pairs)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


def check_every_tensor_matters(model, recipe, expected, ids, types):
    """Zeroes one tensor after the other. Returns the least change and the tensor that made it."""
    rules = [rule for kinds, rule in WITHOUT_EFFECT.items() if model.config.model_type in kinds.split("|")]
    rules += [POOLER] if recipe.task == "encode" else []
    least = (np.inf, "")
    for key, tensor in model.named_parameters():
        saved = tensor.detach().clone()
        with torch.no_grad():
            tensor.zero_()
        change = greatest_difference(results(model, recipe, ids, types), expected)
        with torch.no_grad():
            tensor.copy_(saved)
        if any(re.search(rule, key) for rule in rules):
            assert change < 1e-4, f"{recipe.name}: {key} was thought to have no effect, but changes results by {change}"
        else:
            assert change > VISIBLE, f"{recipe.name}: zeroing {key} changes results by {change} only"
            least = min(least, (change, key))
    return least


def embeddings(folder, recipe):
    """Of sentence-transformers, and the ids that it read."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", model_kwargs={
        "attn_implementation": "eager", "dtype": torch.float32})
    vectors = [model.encode(text, convert_to_numpy=True, show_progress_bar=False) for text in TEXTS]
    batch = model.encode(TEXTS, convert_to_numpy=True, show_progress_bar=False, batch_size=len(TEXTS))
    assert np.abs(np.stack(vectors) - batch).max() < 1e-5, f"{recipe.name}: padding changes the vectors"
    ids = [model.preprocess([text], prompt=recipe.prompt or None)["input_ids"][0].long().tolist() for text in TEXTS]
    return vectors, ids


def plain(value):
    """Nested lists whose floats are written with the digits that tell one float32 from the next."""
    if value is None:
        return None
    array = np.asarray(value)
    if array.ndim:
        return [plain(item) for item in array]
    return float(str(np.float32(array)))


def pair_results(folder, recipe, model):
    ids, types = tokenize(folder, recipe, PAIRS)
    logits = results(model, recipe, ids, types)
    return [{"texts": pair, "ids": pair_ids, "token_types": pair_types, "logits": plain(values)}
            for pair, pair_ids, pair_types, values in zip(PAIRS, ids, types, logits)]


def expected_of(recipe, values):
    if recipe.task == "encode":
        hidden = {} if recipe.base else {"last_hidden": plain(values[0])}
        return {**hidden, "first_token": [plain(value[0]) for value in values]}
    if recipe.task == "classify":
        return {"logits": [plain(value) for value in values]}
    perplexity = [np.exp(value.astype(np.float64).mean()) if value.size else None for value in values]
    return {"token_nll": [plain(value) for value in values], "perplexity": [plain(value) for value in perplexity]}


def compute(folder, recipe):
    """Everything of expected.json, and the plain results for comparisons between folders."""
    if recipe.sentence:
        vectors, ids = embeddings(folder, recipe)
        own, _ = tokenize(folder, recipe, [recipe.prompt + text for text in TEXTS])
        assert ids == own, f"{recipe.name}: sentence-transformers reads other ids than the tokenizer makes"
        extra = {"prompt": recipe.prompt} if recipe.prompt else {}
        expected = {**extra, "ids": ids, "embeddings": [plain(vector) for vector in vectors]}
    model = load(folder, recipe.task)
    ids, types = tokenize(folder, recipe, TEXTS)
    values = results(model, recipe, ids, types)
    if not recipe.base:
        least, name = check_every_tensor_matters(model, recipe, values, ids, types)
        print(f"    least effect of a tensor: {least:.2g} ({name})")
    for changes in recipe.matters:
        change = greatest_difference(results(load(folder, recipe.task, **changes), recipe, ids, types), values)
        print(f"    {changes}: {change:.2g}")
        assert change > VISIBLE, f"{recipe.name}: {changes} changes nothing"
    if not recipe.sentence:
        expected = {"ids": ids, **expected_of(recipe, values)}
    if recipe.pairs:
        expected["pairs"] = pair_results(folder, recipe, model)
    task = "embed" if recipe.sentence else recipe.task
    expected = {"task": task, "max_length": limit_of(recipe), "texts": TEXTS, **expected}
    return expected, vectors if recipe.sentence else values


def write_expected(folder, expected):
    """A line a key, so that a difference can be read."""
    lines = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
             for key, value in expected.items()]
    (folder / "expected.json").write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
