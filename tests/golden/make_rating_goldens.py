#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes rating.json: the ratings that causal models give when transformers asks them, for tests/e2e/rate_test.py.

As DEITA's Scorer does it (hkust-nlp/deita, src/deita/selection/scorer/base.py): the prompt is encoded as it is, generate() makes a token, and the
rating is the expectation over the softmax of the scores of the digits' tokens. The prompts are the published ones. Made with torch 2.15.0,
transformers 5.24.0, in float32 on the CPU: python3 tests/golden/make_rating_goldens.py
"""
import json
import os
import pathlib

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
TINY = HERE.parents[1] / "examples" / "tiny-lm"
COMPLEXITY = ("You are a helpful assistant. Please identify the complexity score of the following user query. \n"
              "##Query: {instruction}  \n##Complexity: ")
QUALITY = ("You are a helpful assistant. Please identify the quality score of the Response corresponding to the Question. \n"
           " #Question#:\n{instruction}\n#Response#:\n{output} \n##Quality: ")
CONVERSATIONS = [
    [["word to describe UI with helpful tooltips", "User-friendly or intuitive UI"]],
    [["Ann has 3 apples and buys 4 more.\nHow many apples does she have?", "She has 3 + 4 = 7 apples."],
     ["And if she eats two?", "Then 7 - 2 = 5 are left."], ["Thank you {instruction}!", "You are welcome."]],
    [["下面哪一个是动物？", "狗。"], ["Why?", ""]],
    [["write a performance review for a junior data scientist", ""]],
]
# Of the few bytes that the tokenizer of models/llama knows; it has a token before each text.
OWN = "read {prompt}\n({output}): "
OWN_SCALE = ["1", "2", "3", "0"]


class Scorer:
    def __init__(self, folder, scale):
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
        self.ids = [self.tokenizer.convert_tokens_to_ids(digit) for digit in scale]
        assert None not in self.ids and len(set(self.ids)) == len(scale)
        self.numbers = torch.tensor([float(digit) for digit in scale], dtype=torch.float64)

    @torch.no_grad()
    def __call__(self, prompt):
        ids = self.tokenizer.encode(prompt, return_tensors="pt")
        out = self.model.generate(ids, max_new_tokens=1, do_sample=False, return_dict_in_generate=True, output_scores=True,
                                  attention_mask=torch.ones_like(ids), pad_token_id=0)
        return (out.scores[0][0][self.ids].double().softmax(0) * self.numbers).sum().item()


def main():
    torch.set_num_threads(1)
    tiny = Scorer(TINY, ["1", "2", "3", "4", "5", "6"])
    deita = [[{"complexity": tiny(COMPLEXITY.replace("{instruction}", prompt)),
               "quality": tiny(QUALITY.replace("{output}", response, 1).replace("{instruction}", prompt, 1)) if response else None}
              for prompt, response in conversation] for conversation in CONVERSATIONS]
    llama = Scorer(HERE / "models" / "llama", OWN_SCALE)
    pairs = [("Why do people count", "Because counting is knowing"), ("the moon", "ice")]
    own = {"template": OWN, "scale": OWN_SCALE, "pairs": pairs,
           "ratings": [llama(OWN.format(prompt=prompt, output=response)) for prompt, response in pairs]}
    content = {"conversations": CONVERSATIONS, "deita": deita, "own": own}
    lines = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in content.items()]
    (HERE / "rating.json").write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
