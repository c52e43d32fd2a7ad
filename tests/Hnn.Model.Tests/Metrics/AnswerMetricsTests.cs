using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Metrics;

namespace Hnn.Model.Tests.Metrics;

public sealed class AnswerMetricsTests
{
    private static readonly Arbitrary<(double[][] Probabilities, int?[] Answers, int[] Labels)> Samples = (
        from classes in Gen.Choose(2, 5)
        from samples in Gen.Choose(1, 30)
        from values in Gen.Choose(-1, 20).Select(i => i / 20.0).ArrayOf(classes).ArrayOf(samples)
        from labels in Gen.Choose(0, classes - 1).ArrayOf(samples)
        from silent in Gen.Choose(0, 4).ArrayOf(samples)
        select (values, values.Select((v, i) => silent[i] == 0 ? null : (int?)Array.IndexOf(v, v.Max())).ToArray(), labels)).ToArbitrary();

    [Fact]
    public void Create_EqualsTheNaiveDefinitions() => Prop.ForAll(Samples, sample =>
    {
        (double[][] p, int?[] answers, int[] labels) = sample;
        int n = p[0].Length;
        AnswerMetrics metrics = AnswerMetrics.Create(answers, p, labels, n);
        List<(double Precision, double Recall, double F1, double? Area)> naive = [];
        for (int c = 0; c < n; c++)
        {
            double hits = answers.Zip(labels).Count(a => a.First == c && a.Second == c);
            double precision = hits == 0 ? 0 : hits / answers.Count(a => a == c), recall = hits == 0 ? 0 : hits / labels.Count(l => l == c);
            naive.Add((precision, recall, hits == 0 ? 0 : 2 * precision * recall / (precision + recall), Area(c, p, answers, labels)));
        }

        var shown = n == 2 ? [naive[1]] : naive;
        return Close(metrics.Accuracy, answers.Zip(labels).Average(a => a.First == a.Second ? 1.0 : 0))
            && Close(metrics.Precision, shown.Average(c => c.Precision)) && Close(metrics.Recall, shown.Average(c => c.Recall))
            && Close(metrics.F1, shown.Average(c => c.F1))
            && (naive.Exists(c => c.Area is null) ? metrics.Auroc is null : Close(metrics.Auroc!.Value, shown.Average(c => c.Area!.Value)))
            && Enumerable.Range(0, n).All(c =>
                metrics.Confusion.Unanswered(c) == answers.Zip(labels).Count(a => a.First is null && a.Second == c)
                && metrics.Classes[c].Support == labels.Count(l => l == c));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void SamplesWithoutAnAnswer_RankWorstAndAreWrong()
    {
        AnswerMetrics metrics = AnswerMetrics.Create([1, 0, null, null], [[0.1, 0.9], [0.9, 0.1], [0, 1], [1, 0]], [1, 0, 1, 0], 2);
        Assert.Equal((0.5, 1.0, 0.5), (metrics.Accuracy, metrics.Precision, metrics.Recall));
        Assert.Equal(0.25, metrics.Auroc); // of four pairs only that of the two with answers is in order
    }

    [Fact]
    public void WithoutProbabilities_ThereIsNoArea() =>
        Assert.Null(AnswerMetrics.Create([1, 0, 2], null, [1, 0, 2], 3).Auroc);

    [Fact]
    public void WhatDoesNotFit_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => AnswerMetrics.Create([1], [], [1], 2));
        Assert.Throws<ArgumentException>(() => AnswerMetrics.Create([], [], [], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => AnswerMetrics.Create([2], null, [1], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => AnswerMetrics.Create([null], null, [2], 2));
        Assert.Throws<ArgumentException>(() => AnswerMetrics.Create([1, 0], [[0, double.NaN], [1, 0]], [1, 0], 2));
    }

    // Over all pairs; one with a sample without an answer is lost.
    private static double? Area(int c, double[][] p, int?[] answers, int[] labels)
    {
        double won = 0, pairs = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < labels.Length; j++)
            {
                if (labels[i] != c || labels[j] == c) continue;
                pairs++;
                if (answers[i] is null || answers[j] is null) continue;
                won += p[i][c] > p[j][c] ? 1 : p[i][c] == p[j][c] ? 0.5 : 0;
            }
        }

        return pairs == 0 ? null : won / pairs;
    }

    private static bool Close(double x, double y) => Math.Abs(x - y) < 1e-12;
}
