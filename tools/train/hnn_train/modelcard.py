"""The README.md of a model folder: what it is, what it reaches, how it was made."""
import dataclasses
import os
import platform

import torch

from . import metrics


def write_card(folder, stages, model, command, measured):
    """`measured`: logits on validation of the plain teacher, the trained network and the exported files; calibration; reference."""
    recipe, shape, labels = stages.recipe, model.shape, stages.data.validation.targets
    lines = [
        f"# {os.path.basename(os.path.normpath(folder))}: {shape.layers} layers, {shape.hidden} features, {shape.heads} heads, "
        f"{shape.classes} classes", "",
        "A transformer of additions and multiplications only: attention (q·k/√h)²/B, activation 0.125u² + 0.5u, normalisation folded "
        "into the linear maps. Weights are F16, [out, in].", "",
        "## Validation, in the clear", "", _set_of(len(recipe.labels)), "", *_table(measured, labels), "",
        f"The n-gram model that labels the unlabelled sentences: {stages.data.weak_validation_accuracy:.4f}. Every choice (epochs, "
        "hyper-parameters, this network among those tried) was made on this same validation set, and the temperature was learned on it: "
        "its figures are optimistic by that, and no other labelled set was looked at.", "",
        "## Soft-argmax", "", *_calibration(measured), "",
        "## Ranges", "", "Largest absolute value of each quantity on validation, from the exported file:", "",
        *_ranges(measured["reference"]["largest_absolute_value"]), "",
        "## How it was made", "", f"`{command}`", "",
        f"PyTorch {torch.__version__}, Python {platform.python_version()}, {torch.get_num_threads()} thread(s), seed {recipe.seed}; "
        f"{_time(stages)}", "",
        "Text: sentences of the Large Movie Review data set (Maas et al. 2011), phrases and sentences of the Stanford Sentiment Treebank "
        "(Socher et al. 2013) from its training part, SST-2 as GLUE ships it. Reviews that share ten words in a row with a validation "
        "sentence were left out. Vocabulary: BERT uncased (Apache-2.0); pieces that never occurred in training carry [MASK]'s embedding.",
        *_encoder(stages), "", "```", *(f"{f.name} = {getattr(recipe, f.name)}" for f in dataclasses.fields(recipe)), "```", "",
    ]
    with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def _encoder(stages):
    if not stages.encoder_folder:
        return []
    name = os.path.basename(os.path.normpath(stages.encoder_folder))
    return ["", f"Encoder of the teacher: {name}, pre-trained elsewhere; this network's embeddings start at the principal components of its "
            "embeddings."]


def _set_of(classes):
    return "SST-2, GLUE's validation set, 872 sentences." if classes == 2 else "SST-5, development part, root labels, 1,101 sentences."


def _table(measured, labels):
    names = (("plain teacher (DistilBERT)", "plain"), ("polynomial, as trained", "trained"),
             ("**polynomial, from these files**", "exported"))
    if int(labels.max()) > 1:
        rows = [f"| {name} | {metrics.accuracy(measured[key], labels):.4f} |" for name, key in names]
        return ["| network | accuracy |", "|---|---|", *rows]
    rows = []
    for name, key in names:
        m = metrics.two_class_metrics(measured[key], labels)
        rows.append(f"| {name} | {m['accuracy']:.4f} | {m['precision']:.4f} | {m['recall']:.4f} | {m['f1']:.4f} | {m['auroc']:.4f} |")
    return ["| network | accuracy | precision | recall | F1 | AUROC |", "|---|---|---|---|---|---|", *rows]


def _calibration(measured):
    rows = [f"| {m['temperature']:.4f} | {m['loss']:.4f} | {m['entropy_bits']:.4f} | {m['calibration_error']:.4f} "
            f"| {m['largest_argument']:.2f} |" for m in (measured["before"], measured["after"])]
    return ["| T | loss | entropy of the released value, bits | calibration error | largest argument |", "|---|---|---|---|---|", *rows]


def _ranges(largest):
    return ["| quantity | largest |", "|---|---|", *(f"| {name} | {value} |" for name, value in largest.items())]


def _time(stages):
    minutes = stages.run.total_seconds() / 60
    return f"{minutes:.0f} minutes in all, on {os.cpu_count()} cores; every stage is in log.jsonl of the work folder."
