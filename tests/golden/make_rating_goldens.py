#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes ratings.json: ratings that examples/tiny-lm gives by DEITA's prompts, in float32, for tests/e2e/rate_test.py.

As DEITA's scorers compute them: the logits of the six digits behind the prompt, softmax over these, expectation.
Made with torch 2.15.0, transformers 5.24.0: python3 tests/golden/make_rating_goldens.py
"""
import json
import os
import pathlib

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "examples" / "tiny-lm"
PROMPTS = {
    "complexity": "You are a helpful assistant. Please identify the complexity score of the following user query. \n"
                  "##Query: {instruction}  \n##Complexity: ",
    "quality": "You are a helpful assistant. Please identify the quality score of the Response corresponding to the Question. \n"
               " #Question#:\n{instruction}\n#Response#:\n{output} \n##Quality: ",
}
CONVERSATIONS = [
    [("How many days are in a week?", "There are 7 days in a week.")],
    [("Name a colour.", "Red."), ("And another one?", "Blue, like the sea.")],
    [("说明光合作用。", "植物用光把水和二氧化碳变成糖。"), ("Thanks", "You are welcome."), ("Bye", "Goodbye!")],
]


def main() -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER)
    model = transformers.AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32).eval()
    digits = [tokenizer.convert_tokens_to_ids(str(digit)) for digit in range(1, 7)]
    ratings = {name: [] for name in PROMPTS}
    for name, prompt in PROMPTS.items():
        for conversation in CONVERSATIONS:
            of_turns = []
            for instruction, output in conversation:
                ids = tokenizer(prompt.format(instruction=instruction, output=output), return_tensors="pt").input_ids
                with torch.no_grad():
                    logits = model(ids).logits[0, -1, digits].double()
                of_turns.append(float(torch.softmax(logits, 0) @ torch.arange(1, 7, dtype=torch.float64)))
            ratings[name].append(of_turns)
    golden = {"conversations": CONVERSATIONS, "ratings": ratings}
    (HERE / "ratings.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
