"""One training loop for all stages: schedule, clipping, a log that can be plotted, checkpoints, and the way back from one."""
import contextlib
import json
import math
import os
import random
import time

import torch


class Run:
    """A folder that holds what a stage writes: log.jsonl (one object a line), state.pt while it runs, its result at the end."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self._started = time.time()

    def path(self, name):
        return os.path.join(self.folder, name)

    def log(self, **values):
        values = {"seconds": round(time.time() - self._started, 1), **values}
        line = json.dumps(values)
        print(line, flush=True)
        with open(self.path("log.jsonl"), "a", encoding="utf-8") as file:
            file.write(line + "\n")

    def total_seconds(self):
        """Of all sessions in log.jsonl: each counts from 0, so one ends where the next number is smaller."""
        total = latest = 0.0
        with open(self.path("log.jsonl"), encoding="utf-8") as file:
            for line in file:
                seconds = json.loads(line)["seconds"]
                total, latest = total + (latest if seconds < latest else 0.0), seconds
        return total + latest

    def save(self, name, value):
        """Written beside and renamed: a reader never sees half a file."""
        temporary = self.path(name + ".part")
        torch.save(value, temporary)
        os.replace(temporary, self.path(name))

    def load(self, name):
        path = self.path(name)
        if not os.path.exists(path):
            return None
        return torch.load(path, map_location="cpu", weights_only=False)  # this folder's own files; they hold more than tensors


class Schedule:
    """Linear warm-up, then a cosine down to a fiftieth."""

    def __init__(self, peak, warmup, total):
        self.peak, self.warmup, self.total = peak, max(1, warmup), max(1, total)

    def rate(self, step):
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, step / self.total)))
        return self.peak * min(1.0, step / self.warmup) * max(0.02, cosine)


class Average:
    """The running mean of a model's weights and statistics, m <- b m + (1 - b) w after every step; with b = 0 the weights themselves.

    b is at most (1 + steps) / (10 + steps), so that the start is forgotten. Source: Polyak and Juditsky, 1992.
    """

    def __init__(self, model, decay):
        if not 0 <= decay < 1:
            raise ValueError(f"averaging is a share in [0, 1); got {decay}")
        self.model, self.decay = model, decay
        self.mean = {n: t.detach().clone() for n, t in model.state_dict().items()} if decay else None

    def update(self, step):
        if self.decay:
            share = 1 - min(self.decay, (1 + step) / (10 + step))
            for name, value in self.model.state_dict().items():
                if value.is_floating_point():
                    self.mean[name].lerp_(value, share)
                else:
                    self.mean[name].copy_(value)

    def load(self, mean):
        if self.decay:
            self.mean = {n: t.to(self.mean[n].device) for n, t in mean.items()}

    @contextlib.contextmanager
    def in_place(self):
        """Puts the mean into the model for a while."""
        if not self.decay:
            yield
            return
        kept = {n: t.clone() for n, t in self.model.state_dict().items()}
        self.model.load_state_dict(self.mean)
        try:
            yield
        finally:
            self.model.load_state_dict(kept)


class Trainer:
    """Steps a model: AdamW, gradients clipped to norm 1, the state saved every `save_every` steps."""

    def __init__(self, run, name, model, schedule, weight_decay, log_every=200, save_every=500, average=None):
        self.run, self.name, self.model, self.schedule = run, name, model, schedule
        self.log_every, self.save_every = log_every, save_every
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=schedule.peak, weight_decay=weight_decay, betas=(0.9, 0.98))
        self.average = average or Average(model, 0.0)
        self.step, self.best, self._sum, self._count = 0, None, 0.0, 0

    def resume(self):
        """Goes on where state.pt of this stage was written. Returns the number of steps that are done already."""
        state = self.run.load("state.pt")
        if state is None or state["name"] != self.name:
            return 0
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.best = state["step"], state["best"]
        self.average.load(state["average"])
        torch.set_rng_state(state["torch"])
        self.run.log(stage=self.name, resumed=self.step)
        return self.step

    def update(self, loss):
        """One step along the gradient of `loss`; one that is not finite stops the run, the last good state is on disk."""
        value = loss.item()
        if not math.isfinite(value):
            raise FloatingPointError(f"{self.name}: the loss is {value} at step {self.step}; lower the learning rate and resume")
        self.step += 1
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate(self.step)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.average.update(self.step)
        self._sum, self._count = self._sum + value, self._count + 1
        if self.step % self.log_every == 0 or self.step == self.schedule.total:
            self.run.log(stage=self.name, step=self.step, of=self.schedule.total, loss=round(self._sum / self._count, 4))
            self._sum, self._count = 0.0, 0

    def save_if_due(self):
        """Keeps where the stage is, after a step and what was measured of it; at its end too, so that a stage that is run again has nothing
        left to do."""
        if self.step % self.save_every != 0 and self.step != self.schedule.total:
            return
        self.run.save("state.pt", {
            "name": self.name, "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step,
            "best": self.best, "average": self.average.mean, "torch": torch.get_rng_state()})


def seed_everything(seed):
    torch.manual_seed(seed)
    random.seed(seed)


def device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
