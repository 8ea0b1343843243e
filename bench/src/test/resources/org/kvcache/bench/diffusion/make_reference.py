"""Golden tensors of the tiny block-diffusion model, by plain NumPy, independent of the Java code.

usage: make_reference.py MODEL_FOLDER PROMPTS.json OUT.safetensors
PROMPTS.json: {"one": [token ids], "two": [token ids]}, as LookUpTasks makes them (bytes as numbers).
"""

import json
import struct
import sys

import numpy as np

BLOCK, STEPS, LAYERS, HEADS, KV_HEADS, DIM, MASK = 16, 8, 4, 8, 2, 64, 256


def read(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, of in header.items():
        begin, end = (8 + size + at for at in of["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], "<f4").reshape(of["shape"])
    return tensors


def write(path, tensors):
    header, at, parts = {}, 0, []
    for name, of in tensors.items():
        data = np.ascontiguousarray(of).tobytes()
        kind = {"float32": "F32", "int32": "I32"}[str(of.dtype)]
        header[name] = {"dtype": kind, "shape": list(of.shape), "data_offsets": [at, at + len(data)]}
        parts.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for part in parts:
            out.write(part)


folder, prompts, target = sys.argv[1:4]
weights = read(folder + "/model.safetensors")
frequencies = np.array(json.load(open(folder + "/config.json"))["rope_inv_freq"], np.float64)


def norm(rows, weight):
    return rows / np.sqrt((rows * rows).mean(-1, keepdims=True) + 1e-6) * weight


def rope(rows, positions):
    angles = np.outer(positions, frequencies)
    cos = np.cos(angles).astype(np.float32)[:, None]
    sin = np.sin(angles).astype(np.float32)[:, None]
    a, b = rows[..., :16], rows[..., 16:32]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin, rows[..., 32:]], -1)


def softmax(logits):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def forward(tokens, block, cache, commit):
    """Logits, and the queries of all layers; the cache is a list of [K, V] by layer."""
    positions = block * BLOCK + np.arange(BLOCK)
    x = weights["emb.weight"][tokens]
    queries, fresh = [], []
    for layer in range(LAYERS):

        def w(name):
            return weights[f"layers.{layer}.{name}.weight"]

        h = norm(x, w("ln1"))
        q = rope(norm((h @ w("wq").T).reshape(BLOCK, HEADS, DIM), w("qn")), positions)
        k = rope(norm((h @ w("wk").T).reshape(BLOCK, KV_HEADS, DIM), w("kn")), positions)
        v = (h @ w("wv").T).reshape(BLOCK, KV_HEADS, DIM)
        keys = np.concatenate([cache[layer][0], k]) if cache[layer] else k
        values = np.concatenate([cache[layer][1], v]) if cache[layer] else v
        out = np.zeros((BLOCK, HEADS, DIM), np.float32)
        for head in range(HEADS):
            of = head * KV_HEADS // HEADS
            out[:, head] = softmax(q[:, head] @ keys[:, of].T / 8) @ values[:, of]
        x = x + out.reshape(BLOCK, HEADS * DIM) @ w("wo").T
        h = norm(x, w("ln2"))
        gate = h @ w("w1").T
        x = x + (gate / (1 + np.exp(-gate)) * (h @ w("w3").T)) @ w("w2").T
        queries.append(q)
        fresh.append([k, v])
        if commit:
            cache[layer] = [keys, values]
    return norm(x, weights["norm.weight"]) @ weights["emb.weight"].T, queries, fresh


def reveal(current, logits, count):
    """The most certain masked places get their arg-max; certainty as log-odds."""
    bytes_only = logits[:, :256].astype(np.float64)
    best = bytes_only.argmax(-1)
    top = bytes_only.max(-1)
    bytes_only[np.arange(BLOCK), best] = -1e30
    second = bytes_only.max(-1, keepdims=True)
    rest = second[:, 0] + np.log(np.exp(bytes_only - second).sum(-1))
    certainty = np.where(current == MASK, top - rest, -1e30)
    after = current.copy()
    for place in np.argsort(-certainty, kind="stable")[:count]:
        after[place] = best[place]
    return after


tensors = {}
for kind, prompt in json.load(open(prompts)).items():
    prompt = np.array(prompt)
    cache = [None] * LAYERS
    blocks = len(prompt) // BLOCK
    for block in range(blocks):
        forward(prompt[block * BLOCK : (block + 1) * BLOCK], block, cache, True)
    last = [[part[-BLOCK:] for part in layer] for layer in cache]
    current = np.full(BLOCK, MASK)
    logits, tokens, first = [], [], None
    for step in range(STEPS):
        of, queries, _ = forward(current, blocks, cache, False)
        first = first or queries
        logits.append(of)
        current = reveal(current, of, BLOCK // STEPS)
        tokens.append(current)
    _, _, fresh = forward(current, blocks, cache, False)

    def heads_first(rows):
        return rows.transpose(1, 0, 2)

    tensors[kind + ".prompt"] = prompt.astype(np.int32)
    tensors[kind + ".step_logits"] = np.stack(logits).astype(np.float32)
    tensors[kind + ".step_tokens"] = np.stack(tokens).astype(np.int32)
    grouped = [heads_first(q).reshape(KV_HEADS, HEADS // KV_HEADS, BLOCK, DIM) for q in first]
    tensors[kind + ".q_step0"] = np.stack(grouped)
    tensors[kind + ".k_last_prompt_block"] = np.stack([heads_first(k) for k, _ in last])
    tensors[kind + ".v_last_prompt_block"] = np.stack([heads_first(v) for _, v in last])
    tensors[kind + ".k_commit"] = np.stack([heads_first(k) for k, _ in fresh])
    tensors[kind + ".v_commit"] = np.stack([heads_first(v) for _, v in fresh])
    scores = []
    for layer in range(LAYERS):
        for head in range(KV_HEADS):
            keys = cache[layer][0][:-BLOCK, head]
            scores.append(softmax(grouped[layer][head][:, BLOCK // 2] @ keys.T / 8).mean(0))
    scores = np.stack(scores).reshape(LAYERS, KV_HEADS, -1).astype(np.float32)
    tensors[kind + ".center_scores"] = scores
write(target, tensors)
