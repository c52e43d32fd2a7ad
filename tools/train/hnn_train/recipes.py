"""The recipes of the networks shipped, and the one for a checkpoint of your own: every hyper-parameter in one place."""
import dataclasses
from typing import Optional

from .convert import Conversion
from .pretrain import Pretraining
from .teacher import Teaching

SENTIMENT = ("negative", "positive")
FIVE_CLASSES = ("very negative", "negative", "neutral", "positive", "very positive")


@dataclasses.dataclass(frozen=True)
class Recipe:
    labels: tuple
    layers: int
    hidden: int
    heads: int
    pretraining: Pretraining  # stage 0; None: the teacher starts from random weights
    teaching: Teaching  # stage 1; not used where a checkpoint is given
    teacher_sentences: int  # unlabelled sentences, with the n-gram model's labels
    teacher_phrase_rounds: int
    conversion: Conversion  # stage 2
    from_teacher: bool  # True: the teacher itself turns; False: a network from scratch learns its answers
    sentences: int  # unlabelled sentences, labelled by the committee of teacher and n-gram model
    phrase_rounds: int
    root_rounds: int = 0  # further rounds of the phrases that are whole sentences, as those of validation are
    typical_statistics: bool = False  # the norms freeze with the statistics of whole sentences instead of the running ones
    polish: Optional[Conversion] = None  # a last pass: on further unlabelled sentences, rounds of phrases, rounds of whole sentences
    polish_sentences: int = 0
    polish_phrase_rounds: int = 1
    polish_root_rounds: int = 0
    teacher_weight: float = 0.5  # the teacher's share in the committee; in stage 2 a phrase's own label counts half
    teacher_root_rounds: int = 0  # of stage 1
    teacher_own_label: float = 0.5  # in stage 1, the share of a phrase's own label in its target
    seed: int = 0


def with_encoder(recipe):
    """The recipe where --encoder brings a pre-trained encoder: stage 1 learns from the treebank alone, and its word counts for more."""
    return dataclasses.replace(
        recipe, pretraining=None, teaching=Teaching(rate=1e-4, warmup=200, word_dropout=0.0, evaluate_every=250, bfloat16=True),
        teacher_sentences=0, teacher_root_rounds=2, teacher_own_label=1.0, teacher_weight=0.8)


RECIPES = {
    # 2 x 128 for two classes: no pre-training, the labels of the n-gram model are enough for its size.
    "tiny": Recipe(
        SENTIMENT, layers=2, hidden=128, heads=4, pretraining=None,
        teaching=Teaching(rate=6e-4), teacher_sentences=80_000, teacher_phrase_rounds=1,
        conversion=Conversion(rate=8e-4, ramp=0.0), from_teacher=False, sentences=260_000, phrase_rounds=1),
    "small": Recipe(
        SENTIMENT, layers=2, hidden=256, heads=8, pretraining=Pretraining(sentences=420_000, rate=8e-4, batch=64),
        teaching=Teaching(rate=3e-4), teacher_sentences=120_000, teacher_phrase_rounds=1,
        conversion=Conversion(rate=8e-4, frozen=0.3, averaging=0.998, evaluate_every=250, bfloat16=True), from_teacher=False,
        sentences=300_000, phrase_rounds=2, root_rounds=6),
    "sst5": Recipe(
        FIVE_CLASSES, layers=2, hidden=128, heads=4, pretraining=None,
        teaching=Teaching(rate=6e-4), teacher_sentences=80_000, teacher_phrase_rounds=1,
        conversion=Conversion(rate=8e-4, frozen=0.325, averaging=0.998, evaluate_every=250), from_teacher=False,
        sentences=200_000, phrase_rounds=2, root_rounds=6, typical_statistics=True),
    # The paper's size. Meant for a GPU, or for your own checkpoint.
    "distilbert": Recipe(
        SENTIMENT, layers=6, hidden=768, heads=12, pretraining=Pretraining(sentences=4_000_000, rate=3e-4, batch=256),
        teaching=Teaching(rate=5e-5, dropout=0.1), teacher_sentences=300_000, teacher_phrase_rounds=2,
        conversion=Conversion(rate=1e-4, ramp=0.4, lead=0.1), from_teacher=True, sentences=600_000, phrase_rounds=4),
}
