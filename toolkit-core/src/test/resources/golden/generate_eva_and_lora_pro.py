#!/usr/bin/env python3
"""Golden vectors for EVA and for LoRA-Pro with Adam.  numpy only, float64, written from the formulas.

Orientation: W out x in, A r x in, B out x r, y = x (W + s B A)^T, G = dL/dW.
    python3 generate_eva_and_lora_pro.py      # writes eva_init.json and lora_pro_adam.json beside itself
"""
import json, os
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def dump(name, obj):
    with open(os.path.join(HERE, name), "w") as f:
        json.dump(obj, f, indent=1, default=lambda x: x.tolist())
        f.write("\n")


# EVA: right singular vectors of the centred inputs, from the data itself (no covariance is formed)
rng = np.random.default_rng(20260201)
X = np.round(rng.standard_normal((40, 6)) @ np.diag([3, 2, 1.2, 0.7, 0.4, 0.2]) @ rng.standard_normal((6, 6))
             + rng.standard_normal(6) * 2, 4)
_, S, Vt = np.linalg.svd(X - X.mean(0), full_matrices=False)
for j in range(len(S)):
    if Vt[j, np.argmax(np.abs(Vt[j]))] < 0:
        Vt[j] *= -1
dump("eva_init.json", dict(about="X: rows that go through W; A0 = leading right singular vectors of X about its mean, largest entry of "
                           "each positive; B0 = 0", X=X, r=3, singular_values=S, A0=Vt[:3]))


# LoRA-Pro: Adam on the equivalent gradient, then the adjusted gradients of the Adam direction
def adjusted(A, B, gA, gB, s, delta):
    r = A.shape[0]
    BtB, AAt = B.T @ B, A @ A.T
    Bi, Ai = np.linalg.inv(BtB + delta * np.eye(r)), np.linalg.inv(AAt + delta * np.eye(r))
    C = -(Bi @ gA @ A.T) / s ** 2
    X = np.linalg.solve(np.kron(BtB, np.eye(r)) + np.kron(np.eye(r), AAt.T), C.reshape(-1)).reshape(r, r)
    pA = Bi @ gA / s ** 2 + X @ A
    pB = (np.eye(B.shape[0]) - B @ Bi @ B.T) @ gB @ Ai / s ** 2 - B @ X
    return pA, pB


def adjusted_at_zero(A, B, gA, gB, s, delta):
    """the published code's first step, where B = 0"""
    return gA, gB @ np.linalg.inv(A @ A.T + delta * np.eye(A.shape[0])) / s ** 2


rng = np.random.default_rng(20260202)
r, n, m, s, lr, delta, b1, b2, eps = 2, 5, 4, 2.0, 0.01, 1e-8, 0.9, 0.999, 1e-8
A0, B0 = np.round(rng.standard_normal((r, n)) * 0.5, 4), np.round(rng.standard_normal((m, r)) * 0.5, 4)
GS = [np.round(rng.standard_normal((m, n)) * 0.1, 5) for _ in range(3)]
cases = []
for name, start, wd in (("from_zero", np.zeros_like(B0), 0.0), ("from_a_shifted_start", B0, 0.0), ("with_decay", B0, 0.1)):
    A, B, mom, var, steps = A0.copy(), start.copy(), np.zeros((m, n)), np.zeros((m, n)), []
    for t, G in enumerate(GS, 1):
        gA, gB = s * B.T @ G, s * G @ A.T
        rule = adjusted_at_zero if t == 1 and not start.any() else adjusted
        hA, hB = rule(A, B, gA, gB, s, delta)
        equivalent = s * (B @ hA + hB @ A)
        mom = b1 * mom + (1 - b1) * equivalent
        var = b2 * var + (1 - b2) * equivalent ** 2
        g = (mom / (1 - b1 ** t)) / (np.sqrt(var / (1 - b2 ** t)) + eps)
        pA, pB = rule(A, B, s * B.T @ g, s * g @ A.T, s, delta)
        A, B = A - lr * (pA + wd * A), B - lr * (pB + wd * B)
        steps.append(dict(gA=gA, gB=gB, equivalent_gradient=equivalent, A=A, B=B))
    cases.append(dict(name=name, weight_decay=wd, B0=start, steps=steps))
dump("lora_pro_adam.json", dict(
    about="gA, gB: gradients at the factors before the step; A, B: factors after it", A0=A0, scaling=s, r=r, lr=lr, damping=delta,
    beta1=b1, beta2=b2, eps=eps, cases=cases))
