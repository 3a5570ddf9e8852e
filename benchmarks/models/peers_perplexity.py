# SPDX-License-Identifier: Apache-2.0
"""A Llama type of 135 million parameters: tokens a second of our program beside transformers and CTranslate2.

Run it with the Python of make_peers.sh. See README.md for what is measured.
"""
import json
import os
import sys
import tempfile

import numpy as np
from tokenizers import Tokenizer

import rounds
import texts as corpus

LIMIT = 512  # tokens; longer texts are left out, so that every program reads whole texts


def make_model(job):
    """The shape of SmolLM-135M with random weights, whose chances differ as those of a trained model do."""
    import torch
    import transformers

    config = transformers.LlamaConfig(
        vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, max_position_embeddings=2048, rms_norm_eps=1e-5, tie_word_embeddings=True,
        bos_token_id=0, eos_token_id=0, rope_parameters={"rope_type": "default", "rope_theta": 10000.0})
    torch.manual_seed(job["seed"])
    model = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            if tensor.ndim == 1:
                tensor.copy_(1 + 0.1 * torch.randn(tensor.shape))
            else:
                tensor.copy_(torch.randn(tensor.shape) * (0.08 if "embed" in name else tensor.shape[1] ** -0.5))
    model.save_pretrained(job["output"])
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=learn_tokenizer(job["files"]), bos_token="<|endoftext|>", eos_token="<|endoftext|>",
        unk_token="<|endoftext|>").save_pretrained(job["output"])
    return {"model": job["output"]}


def learn_tokenizer(files):
    from tokenizers import decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=49152, special_tokens=["<|endoftext|>"], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator((text for path in files for text in corpus.read_texts(path)), trainer)
    return tokenizer


def open_tokenizer(folder):
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LIMIT)
    return tokenizer


class Transformers:
    """batch: [texts, 1]; sorted by length. Mean negative log-likelihood of each text's tokens 2 to n."""

    batches = [[1, 1], [4, 1], [8, 1]]

    def __init__(self, job, precision):
        import torch
        import transformers

        torch.set_num_threads(job["threads"])
        self.tokenizer = open_tokenizer(job["model"])
        kind = transformers.AutoModelForCausalLM
        self.model = kind.from_pretrained(job["model"], dtype=getattr(torch, precision)).eval()

    def __call__(self, texts, batch):
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        order = sorted(range(len(ids)), key=lambda index: -len(ids[index]))
        losses = np.empty(len(ids))
        for start in range(0, len(order), batch[0]):
            indices = order[start:start + batch[0]]
            losses[indices] = self.losses([ids[index] for index in indices])
        return losses

    def losses(self, ids):
        import torch

        width = max(map(len, ids))
        tokens = torch.tensor([row + [0] * (width - len(row)) for row in ids])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in ids])
        with torch.inference_mode():
            logits = self.model(input_ids=tokens, attention_mask=mask, use_cache=False).logits[:, :-1]
            logits = logits if logits.dtype == torch.float64 else logits.float()
            values = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none")
            values = values.view(len(ids), width - 1)
            return ((values * mask[:, 1:]).sum(1) / mask[:, 1:].sum(1)).double().numpy()


class CTranslate2:
    """batch: [padded tokens, workers]"""

    batches = [[1024, 1], [2048, 1], [4096, 1], [1024, 2], [2048, 2]]

    def __init__(self, job, precision):
        import ctranslate2

        self.job, self.precision, self.engines = job, precision, {}
        self.tokenizer = open_tokenizer(job["model"])
        self.path = os.path.join(job["work"], "llama-ct2")
        if not os.path.exists(self.path):
            ctranslate2.converters.TransformersConverter(job["model"]).convert(self.path)

    def __call__(self, texts, batch):
        import ctranslate2

        tokens, workers = batch
        if workers not in self.engines:
            self.engines = {workers: ctranslate2.Generator(
                self.path, device="cpu", inter_threads=workers, intra_threads=self.job["threads"] // workers,
                compute_type=self.precision)}
        pieces = [encoding.tokens for encoding in self.tokenizer.encode_batch(texts)]
        scored = self.engines[workers].score_batch(pieces, max_batch_size=tokens, batch_type="tokens")
        for text, result in zip(pieces, scored):
            assert len(result.log_probs) == len(text) - 1
        return np.array([-np.mean(result.log_probs) for result in scored])


PEERS = {
    "transformers float32": (Transformers, "float32"),
    "transformers bfloat16": (Transformers, "bfloat16"),
    "CTranslate2 float32": (CTranslate2, "float32"),
    "CTranslate2 int8": (CTranslate2, "int8"),
}


def run_peer(job):
    """In a process of its own, so that no library's threads are in another's way."""
    if job["peer"] == "model":
        return make_model(job)
    with open(job["texts"], encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    if job["peer"] == "reference":
        np.save(job["output"], np.exp(Transformers(job, "float64")(texts[:job["number"]], [4])))
        return {"perplexities": job["output"]}
    kind, precision = PEERS[job["peer"]]
    peer = kind(job, precision)
    losses, seconds, batch = rounds.measure(peer, texts, job.get("batches", peer.batches), per_call=12)
    np.save(job["output"], np.exp(losses))
    tokens = sum(len(encoding.ids) for encoding in peer.tokenizer.encode_batch(texts))
    return {"tokens_per_second": tokens / seconds, "batch": batch, "perplexities": job["output"]}


def relative_errors(listed, reference):
    exact = np.load(reference)
    errors = {}
    for candidate in listed:
        values = np.load(candidate.results[-1]["perplexities"])[:len(exact)]
        errors[candidate.name] = f"{np.abs(values / exact - 1).max():.1e}"
    return errors


def main():
    parser = rounds.parser_for(__doc__.splitlines()[0])
    parser.set_defaults(count=40, reference_texts=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or temporary
        folder = arguments.model or os.path.join(work, "llama-135m")
        if not os.path.exists(folder):
            job = {"peer": "model", "output": folder, "files": arguments.texts, "seed": arguments.seed}
            rounds.run([sys.executable, __file__, "peer", json.dumps(job)], arguments.threads)
        tokenizer = open_tokenizer(folder)
        chosen, mean = corpus.choose_from_files(arguments, tokenizer, lambda length: 1 < length < LIMIT)
        path = os.path.join(temporary, "texts.jsonl")
        corpus.write_texts(path, chosen)
        listed = rounds.candidates(arguments, __file__, PEERS, folder, path, work)
        job = {"peer": "reference", "model": folder, "texts": path, "threads": arguments.threads, "work": work,
               "number": arguments.reference_texts, "output": os.path.join(work, "reference.npy")}
        reference = rounds.run([sys.executable, __file__, "peer", json.dumps(job)], arguments.threads)
        rounds.interleave(listed, arguments)
        errors = relative_errors(listed, reference["perplexities"])
    print(f"Llama type, 135M, {len(chosen)} texts of {mean:.0f} tokens on average, {arguments.threads} threads, "
          f"median of {arguments.repeats}\n")
    print(rounds.table(listed, "tokens_per_second", "greatest relative error of a perplexity", errors))


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        print(json.dumps(run_peer(json.loads(sys.argv[2]))))
    else:
        main()
