"""Stage 3: the temperature T of y = sum_i i softmax(x / T)_i, everything else frozen. The twin of `hnn calibrate`."""
import math

import torch
from torch.nn import functional as F

INITIAL_TEMPERATURE = 2.0
BINS = 15

# As in Hnn.Model's SoftArgmaxCalibrator: other text goes further than the labelled one.
INTERVAL_MARGIN, MIN_HALF_WIDTH, MAX_HALF_WIDTH = 1.25, 4, 64


def learn_temperature(logits, labels, initial=INITIAL_TEMPERATURE, rounds=100):
    """Back-propagation into log T alone, by binary cross-entropy (two classes) or negative log-likelihood, from T = `initial`."""
    logits = logits.double()
    log_t = torch.tensor(float(initial), dtype=torch.float64).log().requires_grad_()
    optimizer = torch.optim.LBFGS([log_t], lr=0.5, max_iter=rounds, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(logits / log_t.exp(), labels)
        loss.backward()
        return loss

    optimizer.step(closure)
    return float(log_t.detach().exp())


def half_width(largest_argument):
    """w of the interval [-w, w] on which the soft-argmax is approximated."""
    width = max(MIN_HALF_WIDTH, math.ceil(INTERVAL_MARGIN * largest_argument))
    if width > MAX_HALF_WIDTH:
        raise ValueError(f"the soft-argmax's arguments reach {largest_argument:.3g}, an interval goes to {MAX_HALF_WIDTH}; train for "
                         "smaller logits")
    return width


def report(logits, labels, temperature):
    """Loss, mean entropy (bits) of what is released, expected calibration error over 15 bins, largest |argument| of the soft-argmax."""
    logits = logits.double()
    p = (logits / temperature).softmax(-1)
    entropy = -(p * p.clamp_min(1e-300).log2()).sum(-1).mean()
    confidence, predicted = p.max(-1)
    right = (predicted == labels).double()
    place = (confidence * BINS).long().clamp_max(BINS - 1)
    error = sum(float((right[place == b].mean() - confidence[place == b].mean()).abs()) * float((place == b).double().mean())
                for b in place.unique())
    # Two classes: the sigmoid's (x1 - x0) / T. More: the exponentials' (x_i - mean) / T.
    arguments = (logits[:, 1] - logits[:, 0]) if logits.shape[1] == 2 else logits - logits.mean(-1, keepdim=True)
    largest = float(arguments.abs().max()) / temperature
    return {"temperature": temperature, "loss": float(F.cross_entropy(logits / temperature, labels)), "entropy_bits": float(entropy),
            "calibration_error": error, "largest_argument": largest}
