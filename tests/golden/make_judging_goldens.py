#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes judging.json: what transformers says of questions with examples/tiny-lm in float32, for tests/e2e/judging_test.py.

Log-probabilities of the options of multiple-choice questions, and texts that continue questions, always by the likeliest
token up to the end of the first line. Made with torch 2.15.0, transformers 5.24.0: python3 tests/golden/make_judging_goldens.py
"""
import json
import os
import pathlib

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "examples" / "tiny-lm"
NEW_TOKENS = 16
TEMPLATES = ["Question: {question}\nAnswer:", "Q: {question}\nA:", "{question}\nThe answer is",
             "The question is: {question}\nThe correct answer is:"]

CHOICES = [
    {"passage": None, "question": "Ann has 3 apples and buys 4 more. How many apples does she have?",
     "options": ["(A)5", "(B)6", "(C)7", "(D)8", "(E)12 apples and a half"], "label": "C"},
    {"passage": "A farmer has 12 cows. He sells half of them on Monday and two more on Tuesday.",
     "question": "How many cows are left?", "options": ["(A)4", "(B)6", "(C)10", "(D)None of these"], "label": "A"},
    {"question": "Which of these is a colour?", "options": ["red", "seven", "quickly"], "label": 0},
    {"question": "What do people drink?", "options": ["A. water from the river", "B. stones"], "label": "water"},
    {"question": "下面哪一个是动物？", "options": ["（A）水", "（B）狗"], "label": "B"},
]
QUESTIONS = [
    "John has 3 books and Mary has 5 books. How many books do they have?",
    "If a train goes 60 miles in one hour, how far does it go in 2 hours?",
    "What is the capital of France?",
    "Tom buys 4 pens for $2 each. How much does he pay?",
    "How many days are in a week?",
    "Sarah reads 10 pages a day. How many pages does she read in 5 days?",
]


def log_probability(model, prompt, answer):
    logits = model(torch.tensor([prompt + answer])).logits[0].double()
    losses = logits.log_softmax(-1)[len(prompt) - 1:-1]
    return losses.gather(1, torch.tensor(answer)[:, None]).sum().item()


def option_texts(record):
    """Without their letters; by hand of what stands above."""
    marks = ("(X)", "X. ", "（X）")
    texts = [next((option[len(mark):] for mark in marks if option.startswith(mark.replace("X", "ABCDE"[i]))), None)
             for i, option in enumerate(record["options"])]
    return record["options"] if None in texts else texts


def judged(model, encode, record):
    lines = [record.get("passage"), record["question"], *record["options"], "Answer:"]
    prompt = encode("\n".join(line for line in lines if line))
    letters = [f" {'ABCDE'[i]}" for i in range(len(record["options"]))]
    texts = [f" {text}" for text in option_texts(record)]
    return {"record": record,
            "letter": [log_probability(model, prompt, encode(answer)) for answer in letters],
            "text": [log_probability(model, prompt, encode(answer)) for answer in texts]}


def continued(model, tokenizer, encode, question):
    texts = []
    for template in TEMPLATES:
        prompt = encode(template.replace("{question}", question))
        ids = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                             do_sample=False, max_new_tokens=NEW_TOKENS, pad_token_id=0)
        texts.append(tokenizer.decode(ids[0, len(prompt):], skip_special_tokens=True).strip().split("\n")[0])
    return {"question": question, "texts": texts}


def main():
    torch.set_num_threads(1)
    tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER)
    model = transformers.AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32).eval()
    assert tokenizer("").input_ids == []  # no special tokens to be put in front

    def encode(text):
        return tokenizer(text, add_special_tokens=False).input_ids

    with torch.no_grad():
        result = {"templates": TEMPLATES, "new_tokens": NEW_TOKENS,
                  "choices": [judged(model, encode, record) for record in CHOICES],
                  "memory": [continued(model, tokenizer, encode, question) for question in QUESTIONS]}
    (HERE / "judging.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
