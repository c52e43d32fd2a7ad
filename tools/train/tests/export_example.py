"""python3 -m tests.export_example FOLDER: small networks as the recipe exports them, for the tests of Hnn.Model to read.

FOLDER/raw-2, normed-2, normed-5: hnn models with reference.json; FOLDER/teacher-3: a DistilBERT checkpoint with logits.json.
"""
import os
import sys

import torch

from hnn_train import export
from hnn_train.distilbert import DistilBertForSequenceClassification
from hnn_train.network import Network
from hnn_train.teacher import write_checkpoint
from tests import scene


def main(folder):
    os.makedirs(folder, exist_ok=True)
    vocabulary = os.path.join(folder, "vocab.txt")
    with open(vocabulary, "w", encoding="utf-8") as file:
        file.write("\n".join(scene.TOKENIZER.pieces) + "\n")
    for name, normed, classes in (("raw-2", False, 2), ("normed-2", True, 2), ("normed-5", True, 5)):
        model = Network(scene.shape(classes), normed_residual=normed).eval()
        scene.spread_parameters(model, seed=classes)
        settings = export.config(model.shape, [f"class {i}" for i in range(classes)], 2.0, (-8.0, 8.0))
        export.write_model(os.path.join(folder, name), export.fold(model), settings, vocabulary)
        export.write_reference(os.path.join(folder, name), scene.examples(16, 3, soft=False, classes=classes))
    torch.manual_seed(0)
    teacher = DistilBertForSequenceClassification(scene.shape(3)).eval()
    with torch.no_grad():
        for parameter in teacher.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    write_checkpoint(os.path.join(folder, "teacher-3"), teacher, ["a", "b", "c"], vocabulary)
    rows = scene.texts(8, seed=9)
    double = teacher.double()
    with torch.no_grad():
        cases = [{"ids": row, "logits": double(torch.tensor([row]))[0].tolist()} for row in rows]
    export.write_json(os.path.join(folder, "teacher-3", "logits.json"), cases)


if __name__ == "__main__":
    main(sys.argv[1])
