#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes generations.json: how transformers continues texts with some of the folders in models/, always by the likeliest token.

Needs the same versions as make_model_goldens.py, after which it is to be run: python3 tests/golden/make_generation_goldens.py
"""
import json
import os
import pathlib

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = ["gpt2", "llama", "llama-grouped-biased", "llama-rope-yarn-all-keys", "mistral", "qwen2", "qwen2-window", "qwen3"]
NEW_TOKENS = 20
LEAST_LEAD = 1e-3  # of the likeliest token's logit over the next one's, so that rounding cannot change the text


def lead_of(model, ids, new):
    """The smallest lead of all steps."""
    logits = model(torch.tensor([ids + new])).logits[0, len(ids) - 1:-1]
    best = logits.topk(2).values
    return (best[:, 0] - best[:, 1]).min().item()


def continuations(name):
    folder = HERE / "models" / name
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    result = []
    for ids in expected["ids"]:
        for length in sorted({1, 3, 10, 33} & set(range(1, len(ids) + 1))):
            prompt = ids[:length]
            whole = model.generate(
                torch.tensor([prompt]), attention_mask=torch.ones(1, length, dtype=torch.long), do_sample=False,
                max_new_tokens=NEW_TOKENS, eos_token_id=None, pad_token_id=0, top_k=None, top_p=None, temperature=None)
            new = whole[0, length:].tolist()
            if lead_of(model, prompt, new) > LEAST_LEAD and prompt not in [one["prompt"] for one in result]:
                result.append({"prompt": prompt, "new": new})
    return result


def main():
    torch.set_num_threads(1)
    with torch.no_grad():
        generations = {name: continuations(name) for name in FOLDERS}
    for name, texts in generations.items():
        print(name, len(texts), "texts")
        assert len(texts) >= 3
    lines = ",\n".join(f'"{name}": [\n' + ",\n".join(json.dumps(text) for text in texts) + "]"
                       for name, texts in generations.items())
    (HERE / "generations.json").write_text("{" + lines + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
