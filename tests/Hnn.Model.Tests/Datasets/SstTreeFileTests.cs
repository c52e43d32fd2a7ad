using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Datasets;

namespace Hnn.Model.Tests.Datasets;

public sealed class SstTreeFileTests
{
    [Theory]
    [InlineData("(3 (2 It) (4 (2 's) (4 good)))\n(0 Bad)\n")]
    [InlineData("(3 (2 It) (4 (2 's) (4 good)))\r\n\r\n(0 Bad)")]
    [InlineData("(3 (2 It)(4 (2 's)  (4 good) ) ) \n(0 Bad )\n")]
    public void Load_ReadsRootsAndLeavesInOrder(string content) =>
        Assert.Equal([new("it 's good", 3), new LabelledSentence("bad", 0)], Load(content));

    [Theory]
    [InlineData("-LRB-", "(")]
    [InlineData("-rrb-", ")")]
    [InlineData("-LSB-", "[")]
    [InlineData("-RCB-", "}")]
    [InlineData(@"Writer\/Director", "writer/director")]
    [InlineData(@"\*\*\*", "***")]
    [InlineData("--", "--")]
    [InlineData("`", "`")]
    [InlineData(@"\", @"\")]
    [InlineData("CLICHÉD", "clichéd")]
    [InlineData("2\u00A01\\/2", "2\u00A01/2")]
    public void Load_RestoresWhatTheTreebankEscapes(string leaf, string text) =>
        Assert.Equal(new LabelledSentence(text, 2), Assert.Single(Load($"(2 {leaf})\n")));

    [Fact]
    public void Load_ReadsBackEveryTree() => Prop.ForAll(Trees(4).ToArbitrary(), tree =>
        Load(tree.Written).Single() == new LabelledSentence(string.Join(' ', tree.Leaves), tree.Label)).QuickCheckThrowOnFailure();

    // The sentences of SST-2's validation set are those of SST-5's whose root is not neutral: the same text, to the character.
    [Fact]
    public void Load_GivesTheTextThatSst2Has()
    {
        IReadOnlyList<LabelledSentence> trees = SstTreeFile.Load(TestData.RequireData("sst5", "dev.txt"));
        IReadOnlyList<LabelledSentence> table = SstFile.Load(TestData.RequireData("sst2", "dev.tsv"));
        Assert.Equal(1101, trees.Count);
        Assert.Equal([139, 289, 229, 279, 165], Enumerable.Range(0, 5).Select(c => trees.Count(s => s.Label == c)));
        Assert.Equal(
            table.Select(s => (s.Text.TrimEnd(), s.Label)).Order(),
            trees.Where(s => s.Label != 2).Select(s => (s.Text, s.Label > 2 ? 1 : 0)).Order());
    }

    [Theory]
    [InlineData("", "no tree")]
    [InlineData(" \n\n", "no tree")]
    [InlineData("(3 secret)\n(5 secret)\n", "Line 2", "character 2", "0 to 4")]
    [InlineData("(x secret)", "Line 1", "0 to 4")]
    [InlineData("(3secret)", "blank")]
    [InlineData("(", "character 2")]
    [InlineData("(3", "0 to 4")]
    [InlineData("(3 ", "0 to 4")]
    [InlineData("(3 )", "neither a word nor children")]
    [InlineData("(3 secret", "inside a word")]
    [InlineData("(3 (2 secret)", "1 open node")]
    [InlineData("(3 (2 secret) words)", "character 15", "beside trees")]
    [InlineData("(3 secret (2 words))", "beside trees")]
    [InlineData("(3 secret) words", "follows the tree")]
    [InlineData("(3 secret)(2 words)", "follows the tree")]
    [InlineData("(3 secret))", "follows the tree")]
    [InlineData("(2 fine)\n secret words", "Line 2", "character 2", "begins with '('")]
    [InlineData(")", "begins with '('")]
    [InlineData("  (3 secret", "character 12", "inside a word")]
    public void Load_RefusesWhatIsNoTreeWithoutQuotingIt(string content, params string[] parts)
    {
        string message = Assert.Throws<InvalidDataException>(() => Load(content)).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_RefusesEveryTruncationOfATree()
    {
        const string Tree = "(3 (2 It) (4 (2 's) (4 good)))";
        Assert.Single(Load(Tree));
        for (int length = 1; length < Tree.Length; length++) Assert.Throws<InvalidDataException>(() => Load(Tree[..length]));
    }

    [Fact]
    public void Load_SurvivesAMillionOpenBrackets()
    {
        string deep = string.Concat(Enumerable.Repeat("(2 ", 1_000_000));
        Assert.Throws<InvalidDataException>(() => Load(deep));
        Assert.Equal("deep", Load(deep + "deep" + new string(')', 1_000_000)).Single().Text);
    }

    [Theory]
    [InlineData("sentence\tlabel\ngood\t1\n", 2)]
    [InlineData("(3 (2 It) (4 works))\n", 5)]
    [InlineData("\n \t(3 (2 It) (4 works))\n", 5)]
    public void SentenceFile_TellsTheFormatsApart(string content, int classCount)
    {
        Assert.Single(SentenceFile.Load(Stream(content), classCount));
        foreach (int other in (int[])[2, 3, 5])
        {
            if (other == classCount) continue;
            string message = Assert.Throws<InvalidDataException>(() => SentenceFile.Load(Stream(content), other)).Message;
            Assert.Contains($"of {classCount} classes, and the model has {other}", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", "first line")]
    [InlineData("good\t1\n", "first line")]
    [InlineData("sentence\tlabel\n", "no sentence")]
    public void SentenceFile_RefusesOtherFormats(string content, string part) => Assert.Contains(
        part, Assert.Throws<InvalidDataException>(() => SentenceFile.Load(Stream(content), 2)).Message, StringComparison.Ordinal);

    private static IReadOnlyList<LabelledSentence> Load(string content) => SstTreeFile.Load(Stream(content));

    private static MemoryStream Stream(string content) => new(Encoding.UTF8.GetBytes(content));

    private static Gen<(string Written, string[] Leaves, int Label)> Trees(int depth)
    {
        Gen<(string, string[], int)> leaf =
            from label in Gen.Choose(0, 4)
            from word in Gen.Elements("a", "film", "'s", ",", "--", "...", "naïve")
            select ($"({label} {word})", (string[])[word], label);
        return depth == 0 ? leaf : Gen.OneOf(
            leaf,
            from label in Gen.Choose(0, 4)
            from count in Gen.Choose(1, 3)
            from children in Trees(depth - 1).ListOf(count)
            select ($"({label} {string.Join(' ', children.Select(c => c.Written))})",
                (string[])[.. children.SelectMany(c => c.Leaves)], label));
    }
}
