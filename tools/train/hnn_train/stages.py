"""A recipe from data to model folder, stage by stage; every stage's result is kept, and found again by the next run."""
import dataclasses
import hashlib
import json
import os
import shutil

import torch

from . import calibrate, convert, corpus, distill, encoder, export, prepare, pretrain, recipes, teacher
from .distilbert import Shape
from .loop import device, seed_everything
from .modelcard import write_card
from .network import Network
from .text import Tokenizer

LARGEST_VALUE = 16.0
INITIAL_INTERVAL = (-8.0, 8.0)
CHECKPOINT_RAMP, CHECKPOINT_LEAD = 0.4, 0.1  # where a recipe from scratch is given a checkpoint to turn
TYPICAL_SENTENCES = 2560  # for the norms' statistics
TREEBANK_ROUNDS = 3  # of the treebank's sentences among those of the pre-training


def shape_of(recipe, tokenizer):
    return Shape(recipe.layers, recipe.hidden, recipe.heads, 4 * recipe.hidden, len(tokenizer.pieces), len(recipe.labels))


def write_skeleton(folder, recipe, vocabulary_path):
    """An untrained network of the recipe's shape: what levels and noise a plan predicts depends on the shape alone."""
    model = Network(shape_of(recipe, Tokenizer.load(vocabulary_path))).eval()
    settings = export.config(model.shape, recipe.labels, calibrate.INITIAL_TEMPERATURE, INITIAL_INTERVAL)
    export.write_model(folder, export.fold(model), settings, vocabulary_path)


class Stages:
    """The stages of one recipe in one folder; `checkpoint`: a folder of your own teacher, `noise`: sigma by quantity, from a plan,
    `encoder_folder`: a pre-trained encoder in the place of stage 0."""

    def __init__(self, run, recipe, data_folder, tokenizer, vocabulary_path, checkpoint=None, noise=None, encoder_folder=None):
        self.run, self.recipe, self.tokenizer, self.vocabulary_path = run, recipe, tokenizer, vocabulary_path
        self.data_folder, self.checkpoint, self.noise, self.encoder_folder = data_folder, checkpoint, noise, encoder_folder
        if encoder_folder:
            self.recipe = recipe = recipes.with_encoder(recipe)
        if checkpoint and recipe.conversion.ramp <= 0:
            self.recipe = recipe = dataclasses.replace(recipe, conversion=dataclasses.replace(
                recipe.conversion, ramp=CHECKPOINT_RAMP, lead=CHECKPOINT_LEAD))
        self._require_same_recipe()
        self.data = prepare.prepare(run, data_folder, tokenizer, len(recipe.labels))
        self.shape = shape_of(recipe, tokenizer)

    def _require_same_recipe(self):
        """What a work folder holds was made by one recipe; another must not build on it unnoticed."""
        pieces = "\n".join(self.tokenizer.pieces).encode()
        wanted = {"recipe": dataclasses.asdict(self.recipe), "noise": self.noise, "vocabulary": hashlib.sha256(pieces).hexdigest(),
                  "checkpoint": self.checkpoint and os.path.abspath(self.checkpoint),
                  "encoder": self.encoder_folder and os.path.abspath(self.encoder_folder)}
        wanted = json.loads(json.dumps(wanted))
        path = self.run.path("recipe.json")
        if not os.path.exists(path):
            export.write_json(path, wanted)
            return
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        changed = [name for name in wanted["recipe"] if wanted["recipe"][name] != kept["recipe"].get(name)]
        changed += [name for name in ("checkpoint", "encoder", "noise", "vocabulary") if wanted[name] != kept.get(name)]
        if changed:
            raise ValueError(f"{self.run.folder} was made with other values of {', '.join(changed)}; give another --work folder")

    def encoder(self):
        """Stage 0: (shape, state) of an encoder, the user's or one trained here; the state is None where the recipe has no such stage."""
        if self.encoder_folder:
            return encoder.read_encoder(self.encoder_folder, self.shape.vocabulary, self.shape.classes)
        if self.recipe.pretraining is None:
            return self.shape, None
        kept = self.run.load("encoder.pt")
        if kept is None:
            texts = [*self.data.sentences, *(self._roots() * TREEBANK_ROUNDS)]
            pretrain.pretrain(self.run, self.shape, texts, self.tokenizer, self.recipe.pretraining)
            kept = self.run.load("encoder.pt")
        return self.shape, kept["encoder"]

    def teacher(self):
        """Stage 1: the plain DistilBERT; trained, or read from the user's checkpoint."""
        folder = self.checkpoint or self.run.path("teacher")
        if not os.path.exists(os.path.join(folder, "model.safetensors")):
            recipe = self.recipe
            examples = self._examples(recipe.teacher_sentences, recipe.teacher_phrase_rounds, None, recipe.teacher_root_rounds,
                                      own_label=recipe.teacher_own_label)
            model = teacher.teach(self.run, *self.encoder(), examples, self.data.validation, self.tokenizer, recipe.teaching)
            teacher.write_checkpoint(folder, model, self.recipe.labels, self.vocabulary_path)
        model, labels = teacher.read_checkpoint(folder)
        if len(labels) != len(self.recipe.labels):
            raise ValueError(f"{folder} has {len(labels)} classes, the recipe {len(self.recipe.labels)}; choose the recipe for it")
        if model.shape.vocabulary != len(self.tokenizer.pieces):
            raise ValueError(f"{folder} has embeddings of {model.shape.vocabulary} pieces and --vocab has {len(self.tokenizer.pieces)}; "
                             "give the checkpoint's own vocab.txt")
        return model.to(device())

    def network(self, plain):
        """Stage 2: the polynomial network, taught by the committee of teacher and n-gram model."""
        recipe = self.recipe
        seed_everything(recipe.conversion.seed)
        examples = self._examples(recipe.sentences, recipe.phrase_rounds, plain, recipe.root_rounds)
        if recipe.from_teacher or self.checkpoint:
            model = convert.from_distilbert(plain, recipe.conversion.dropout, self.noise)
            sample = corpus.Examples(examples.ids[:4096], examples.targets[:4096])
            convert.fit_norms(model, (ids for ids, _ in corpus.batches(sample, 64, None)))
        else:
            model = Network(self.shape, recipe.conversion.dropout, noise=self.noise)
            if plain.shape.hidden == self.shape.hidden:
                model.embeddings.load_state_dict(plain.distilbert.embeddings.state_dict())
            elif self.encoder_folder and plain.shape.hidden > self.shape.hidden:
                model.embeddings.load_state_dict(encoder.narrowed(plain.distilbert.embeddings, self.shape.hidden, recipe.seed))
        state = self.run.load("state.pt")
        if state is not None and state["name"] == "polish":
            model.load_state_dict(self.run.load("network.pt"))
            model.to(device())
        else:
            model = convert.convert(self.run, model, examples, self.data.validation, self.tokenizer, recipe.conversion,
                                    typical=self._typical() if recipe.typical_statistics else ())
        if recipe.polish is None:
            return model
        examples = self._examples(recipe.polish_sentences, recipe.polish_phrase_rounds, plain, recipe.polish_root_rounds, recipe.sentences)
        return convert.polish(self.run, model, examples, self.data.validation, self.tokenizer, recipe.polish)

    def export(self, model, plain, folder, command):
        """Stage 3 and the files: tensors, reference, temperature on validation, config, model card; all of them in `folder`, or none."""
        destination, folder = folder, os.path.join(self.run.path("export"), os.path.basename(os.path.normpath(folder)))
        tensors = export.fold(model, self._seen(), self.tokenizer.mask)
        settings = export.config(model.shape, self.recipe.labels, calibrate.INITIAL_TEMPERATURE, INITIAL_INTERVAL)
        export.write_model(folder, tensors, settings, self.vocabulary_path)
        logits, report = export.write_reference(folder, self.data.validation)
        largest = max(report["largest_absolute_value"].values())
        if largest > LARGEST_VALUE:
            raise ValueError(f"a quantity reaches {largest} on validation; at most {LARGEST_VALUE}: raise range_weight and train again")
        temperature = calibrate.learn_temperature(logits, self.data.validation.targets)
        before = calibrate.report(logits, self.data.validation.targets, calibrate.INITIAL_TEMPERATURE)
        after = calibrate.report(logits, self.data.validation.targets, temperature)
        bound = calibrate.half_width(after["largest_argument"])
        settings["soft_argmax"].update(temperature=temperature, interval=[-bound, bound])
        export.write_json(os.path.join(folder, "config.json"), settings)
        self.run.log(stage="calibrate", before=before, after=after)
        plain_logits = distill.classify(plain, self.data.validation)
        write_card(folder, self, model, command, {
            "plain": plain_logits, "trained": distill.classify(model, self.data.validation), "exported": logits,
            "before": before, "after": after, "reference": report})
        shutil.copytree(folder, destination, dirs_exist_ok=True)
        return settings, report

    def _seen(self):
        """The ids that any stage has trained on: of the phrases, of the sentences drawn, of all where there was pre-training."""
        data, recipe = self.data, self.recipe
        seen = set(data.phrases.flat.unique().tolist())
        if recipe.pretraining is not None and not self.checkpoint:
            return seen | set(data.sentences.flat.unique().tolist())
        samples = [self._sample(count) for count in ((recipe.sentences,) if self.checkpoint else (recipe.teacher_sentences, recipe.sentences))]
        if recipe.polish is not None:
            samples.append(self._sample(recipe.polish_sentences, recipe.sentences))
        seen.update(i for _, rows in samples for row in rows for i in row)
        return seen

    def _sample(self, count, beside=0):
        """(numbers, rows) of the unlabelled sentences drawn; `beside`: none of the sample of so many."""
        sentences = self.data.sentences
        if beside == 0:
            chosen = corpus.rng(self.recipe.seed).sample(range(len(sentences)), min(count, len(sentences)))
        else:
            taken = set(self._sample(beside)[0])
            rest = [i for i in range(len(sentences)) if i not in taken]
            chosen = corpus.rng(self.recipe.seed + 1).sample(rest, min(count, len(rest)))
        return chosen, [sentences[i] for i in chosen]

    def _roots(self):
        """The treebank's whole sentences."""
        return corpus.read_trees(os.path.join(self.data_folder, "sst5", "train.txt"), self.tokenizer, roots_only=True).ids

    def _taught(self, plain, rows, name):
        """The teacher's answers to sentences and to all phrases, kept under a name."""
        taught = self.run.load(name)
        if taught is None:
            half = self.recipe.teaching.bfloat16 and not self.checkpoint
            ask = lambda texts: distill.classify(plain, corpus.Examples(texts, None), bfloat16=half).softmax(-1)
            earlier = self.run.load("taught.pt")
            taught = [ask(rows), ask(self.data.phrases) if earlier is None else earlier[1]]
            self.run.save(name, taught)
        return taught

    def _typical(self):
        """Batches of whole sentences of the treebank, as those of validation are."""
        rows = self._roots()
        rows = [rows[i] for i in corpus.rng(self.recipe.seed).sample(range(len(rows)), min(TYPICAL_SENTENCES, len(rows)))]
        return [ids for ids, _ in corpus.batches(corpus.Examples(rows, torch.zeros(len(rows))), 64, None)]

    def _examples(self, sentences, phrase_rounds, plain, root_rounds=0, beside=0, own_label=0.5):
        """Unlabelled sentences with soft labels (none of the sample of `beside`), and the phrases with a share of their own label and the
        rest of the soft one."""
        data, recipe = self.data, self.recipe
        chosen, rows = self._sample(sentences, beside)
        soft, phrase_soft = data.sentences_weak[chosen], data.phrases_weak
        if plain is not None:
            weight = 1.0 if self.checkpoint else recipe.teacher_weight
            taught = self._taught(plain, rows, "taught-further.pt" if beside else "taught.pt")
            soft, phrase_soft = (torch.lerp(w, t, weight) for w, t in zip((soft, phrase_soft), taught))
        phrases = [data.phrases[i] for i in range(len(data.phrases))]
        phrase_targets = torch.lerp(phrase_soft, data.phrase_targets, own_label)
        roots = set(map(tuple, self._roots())) if root_rounds else ()
        whole = [i for i, row in enumerate(phrases) if tuple(row) in roots]
        targets = torch.cat([soft] + [phrase_targets] * phrase_rounds + [phrase_targets[whole]] * root_rounds)
        return corpus.Examples(rows + phrases * phrase_rounds + [phrases[i] for i in whole] * root_rounds, targets)
