"""Accuracy, precision, recall, F1 and the area under the ROC curve, from the probability of the positive class."""


def accuracy(logits, labels):
    return float((logits.argmax(-1) == labels).double().mean())


def two_class_metrics(logits, labels):
    """logits (n, 2), labels (n,) of 0 and 1, to a dictionary. A tie of scores counts half in the area."""
    predicted = logits.argmax(-1)
    true_positives = int(((predicted == 1) & (labels == 1)).sum())
    precision = true_positives / max(1, int((predicted == 1).sum()))
    recall = true_positives / max(1, int((labels == 1).sum()))
    f1 = 2 * precision * recall / max(1e-12, precision + recall)
    score = logits[:, 1] - logits[:, 0]
    above = score[labels == 1][:, None] - score[labels == 0][None, :]
    area = ((above > 0).double() + 0.5 * (above == 0).double()).mean()
    return {"accuracy": accuracy(logits, labels), "precision": precision, "recall": recall, "f1": f1, "auroc": float(area)}
