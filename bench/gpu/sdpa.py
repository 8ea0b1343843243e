"""PyTorch's scaled dot-product attention at the shapes of bench.cpp, in bf16, for comparison."""

import statistics

import torch
import torch.nn.functional as F

CASES = [
    ("32 x 8K, 8 KV heads", 32, 8, 4, 8192),
    ("8 x 32K, 8 KV heads", 8, 8, 4, 32768),
    ("16 x 128K, 1 KV head", 16, 1, 8, 131072),
    ("1 x 32K, 8 KV heads", 1, 8, 4, 32768),
    ("1 x 4K, 8 KV heads", 1, 8, 4, 4096),
    ("1 x 4K, 1 KV head", 1, 1, 8, 4096),
]

print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, bf16, contiguous KV")
for title, sequences, kv_heads, group, length in CASES:
    k = torch.randn(sequences, kv_heads, length, 128, device="cuda", dtype=torch.bfloat16)
    v = torch.randn_like(k)
    # Query heads of a group as query rows, so that K and V are read once.
    q = torch.randn(sequences, kv_heads, group, 128, device="cuda", dtype=torch.bfloat16)
    times = []
    for i in range(61):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        F.scaled_dot_product_attention(q, k, v)
        end.record()
        end.synchronize()
        if i >= 10:
            times.append(start.elapsed_time(end) * 1e3)
    print(f"{title:22} sdpa   {statistics.median(times):9.1f} us")
