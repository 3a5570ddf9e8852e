#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes perplexity.json: what transformers says of records by tiny causal models of models/, in float32 on the CPU.

Of each record: the perplexity of the response given the prompt, IFD (Li et al. 2024, "From Quantity to Quality"), r-IFD (Li et al. 2024,
"Selective Reflection-Tuning"), and the perplexities of all answers of the conversation. The texts are put together here as
docs/models.md says it; no line of the program is used. Run it from anywhere: python3 tests/golden/make_perplexity_goldens.py
"""
import json
import os
import pathlib

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import torch
from tokenizers import Tokenizer

from model_goldens.folders import load
from model_goldens.texts import CORPUS, PAIRS, TEXTS

FOLDER = pathlib.Path(__file__).resolve().parent
MODELS = ["llama", "gpt2", "qwen2"]  # with a token before each text, and without one


def single(prompt, response):
    return {"instruction": prompt, "output": response}


def conversation(*turns):
    roles = {"s": "system", "u": "user", "a": "assistant"}
    return {"messages": [{"role": roles[role], "content": text} for role, text in turns]}


# Short enough for all contexts.
RECORDS = [
    *(single(*pair) for pair in PAIRS),
    single(CORPUS[1][:40], CORPUS[5][:60]),
    single(TEXTS[1], TEXTS[3]),
    single("", "the moon"),
    conversation(("u", "Why"), ("a", "Because counting is knowing."), ("u", "Why do people"), ("a", "ice melts")),
    conversation(("s", "read"), ("u", "Water"), ("a", "boils"), ("a", " at one"), ("u", "ice"), ("a", "melts at zero"), ("u", "and")),
    conversation(("a", "The sun rises"), ("u", "the baker"), ("a", ""), ("u", "opens"), ("a", "水在一百度沸腾")),
    conversation(("u", "nothing"), ("s", "else")),
]


def turns_of(record):
    if "messages" in record:
        return [(turn["role"], turn["content"]) for turn in record["messages"]]
    return [(role, text) for role, text in (("user", record["instruction"]), ("assistant", record["output"])) if text]


class Judge:
    def __init__(self, name):
        self.model = load(FOLDER / "models" / name, "causal")
        self.tokenizer = Tokenizer.from_file(str(FOLDER / "models" / name / "tokenizer.json"))
        self.front = self.tokenizer.encode("").ids  # these tokenizers add none behind

    def ids(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    @torch.no_grad()
    def losses(self, ids, begin, end):
        """Of the tokens [begin, end), but never of the first of all."""
        if len(ids) < 2:
            return []
        chances = torch.log_softmax(self.model(torch.tensor([ids])).logits[0, :-1].double(), dim=-1)
        all_losses = -chances.gather(1, torch.tensor(ids)[1:, None])[:, 0]
        return all_losses[max(begin, 1) - 1:end - 1].tolist()

    def alone(self, text):
        ids = self.front + self.ids(text)
        return self.losses(ids, 1, len(ids))

    def after(self, context, text):
        before, scored = self.front + self.ids(context), self.ids(text)
        return self.losses(before + scored, len(before), len(before) + len(scored))

    def answers(self, turns):
        """A list of losses an answer, and another of the answers by themselves."""
        ids, spans, texts, context, first = list(self.front), [], [], "", True
        for role, text in turns:
            if not text:
                continue
            if role != "assistant":
                context += text + "\n"
                continue
            # An answer ends with a newline when something follows, and what stands before one does too.
            ids += self.ids((context or "\n") if first else "\n" + context)
            begin, first, context = len(ids), False, ""
            ids += self.ids(text)
            spans.append((begin, len(ids)))
            texts.append(text)
        return [self.losses(ids, *span) for span in spans], [self.alone(text) for text in texts]


def perplexity(losses):
    return torch.tensor(losses, dtype=torch.float64).mean().exp().item() if losses else None


def ratio(over, under):
    return over / under if over is not None and under is not None else None


def results(judge, record):
    turns = turns_of(record)
    places = [place for place, (role, _) in enumerate(turns) if role == "assistant"]
    last = places[-1] if places else len(turns)
    prompt = "\n".join(text for _, text in turns[:last] if text)
    response = turns[last][1] if places else ""
    given = judge.after(prompt + "\n", response)
    value = {"ppl": perplexity(given), "tokens": len(given), "ifd": ratio(perplexity(given), perplexity(judge.alone(response)))}
    reverse = judge.after(response + "\n", prompt) if response else []
    value["rifd"] = ratio(perplexity(reverse), perplexity(judge.alone(prompt)))
    answers, alone = judge.answers(turns)
    own = [perplexity(answer) for answer in answers if answer]
    pooled = perplexity(sum(answers, []))
    value["all"] = {"ppl": pooled, "tokens": sum(map(len, answers)), "answers": len(own), "mean": sum(own) / len(own) if own else None,
                    "max": max(own, default=None), "ifd": ratio(pooled, perplexity(sum(alone, [])))}
    return value


def main():
    torch.set_num_threads(1)
    content = {"records": RECORDS}
    for name in MODELS:
        judge = Judge(name)
        content[name] = [results(judge, record) for record in RECORDS]
    lines = [f"{json.dumps(key)}: [\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"
             for key, rows in content.items()]
    (FOLDER / "perplexity.json").write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
