#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes fine_tuning/expected.json: the losses of short trainings of the folders in models/, by transformers' models
and torch's optimiser.

Needs torch and transformers as models/README.md says. Run it from anywhere: python3
tests/golden/make_fine_tuning_goldens.py
"""
import json
import math
import os
import pathlib
import re

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, get_linear_schedule_with_warmup

HERE = pathlib.Path(__file__).resolve().parent
MODELS = ["bert-classify", "bert-regression", "deberta-v3-classify", "distilbert-classify",
          "modernbert-classify-mean", "mpnet-classify", "roberta-classify"]
STEPS, BATCH, MICRO_BATCH, EXAMPLES = 20, 12, 5, 30
OPTIONS = {"learning_rate": 2e-3, "warmup": 0.12, "weight_decay": 0.05, "clip": 0.8}


def examples(generator):
    """Tokens, targets and weights. The first token decides the label."""
    texts, targets, weights = [], [], []
    for _ in range(EXAMPLES):
        length = int(torch.randint(3, 30, (1,), generator=generator))
        ids = torch.randint(10, 180, (length,), generator=generator).tolist()
        texts.append(ids)
        targets.append(ids[0] % 3)
        weights.append(0.5 + ids[1] % 4)
    return texts, targets, weights


def without_dropout(folder):
    config = AutoConfig.from_pretrained(folder)
    for key in list(vars(config)):
        if "dropout" in key and isinstance(getattr(config, key), (int, float)):
            setattr(config, key, 0.0)
    return AutoModelForSequenceClassification.from_pretrained(folder, config=config, dtype=torch.float32).train()


def padded(rows, pad):
    width = max(map(len, rows))
    ids = torch.tensor([row + [pad] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return {"input_ids": ids, "attention_mask": mask}


def loss_sum(model, texts, targets, weights):
    logits = model(**padded(texts, model.config.pad_token_id)).logits.float()
    targets = torch.tensor(targets)
    if model.config.num_labels == 1:
        losses = (logits.squeeze(1) - targets.float()) ** 2
    else:
        losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    return (losses * torch.tensor(weights)).sum()


def train(model, texts, targets, weights):
    decays = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    others = [parameter for parameter in model.parameters() if parameter.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decays, "weight_decay": OPTIONS["weight_decay"]},
                                   {"params": others, "weight_decay": 0.0}], lr=OPTIONS["learning_rate"])
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(OPTIONS["warmup"] * STEPS), STEPS)
    losses = []
    for step in range(STEPS):
        chosen = [(step * BATCH + i) % EXAMPLES for i in range(BATCH)]
        whole = sum(weights[i] for i in chosen)
        total = 0.0
        for begin in range(0, BATCH, MICRO_BATCH):
            part = chosen[begin:begin + MICRO_BATCH]
            loss = loss_sum(model, *([values[i] for i in part] for values in (texts, targets, weights))) / whole
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(model.parameters(), OPTIONS["clip"])
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(total)
    return losses


def main():
    torch.set_num_threads(1)
    texts, targets, weights = examples(torch.Generator().manual_seed(7))
    expected = {"batch": BATCH, "micro_batch": MICRO_BATCH, **OPTIONS, "texts": texts, "targets": targets,
                "weights": weights, "losses": {}}
    for name in MODELS:
        folder = HERE / "models" / name
        expected["losses"][name] = train(without_dropout(folder), texts, targets, weights)
        print(name, expected["losses"][name][::5])
    path = HERE / "fine_tuning" / "expected.json"
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(expected, indent=1)
    path.write_text(re.sub(r"\n {2,}", "", text) + "\n")


if __name__ == "__main__":
    main()
