using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Text;

namespace Hnn.Model.Tests.Text;

/// <summary>What every <see cref="ITokenizer"/> over a BERT vocabulary must do: the ids of an independent implementation, a frame, a limit
/// that is kept and reported. A test class for each implementation that is built inherits it.</summary>
/// <param name="fixture">The committed vocabulary.</param>
public abstract class TokenizerContract(TextFixture fixture) : IClassFixture<TextFixture>
{
    private const int NoLimit = 1 << 20;

    private ITokenizer? _tokenizer;

    private ITokenizer Tokenizer => _tokenizer ??= Create(fixture.Vocabulary);

    /// <summary>Makes the implementation under test.</summary>
    protected abstract ITokenizer Create(Vocabulary vocabulary, bool isLowerCase = true);

    public static TheoryData<string> CaseNames => [.. Cases().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Tokenize_MatchesIndependentImplementation(string name)
    {
        JsonElement expected = Cases().Single(c => c.GetProperty("name").GetString() == name);
        TokenizedText actual = Tokenizer.Tokenize(expected.GetProperty("text").GetString()!, NoLimit);
        Assert.Equal(expected.GetProperty("ids").EnumerateArray().Select(e => e.GetInt32()), actual.Ids);
        Assert.Equal(actual.Ids.Select(fixture.Vocabulary.GetPiece), actual.Pieces);
        Assert.False(actual.IsTruncated);
    }

    [Theory]
    [InlineData("dev.tsv")]
    [InlineData("train.tsv")]
    public void Tokenize_MatchesIndependentImplementationOnAllOfSst2(string file)
    {
        string path = TestData.RequireData("sst2", file);
        JsonElement expected = TestData.Vectors("tokenizer.digests.json").GetProperty("files").GetProperty(file);
        string[] lines = File.ReadAllText(path, Encoding.UTF8).Split('\n');
        string[] rows = [.. lines.Skip(1).Where(l => l.Length > 0)
            .Select(l => string.Join(' ', Tokenizer.Tokenize(l[..l.LastIndexOf('\t')], NoLimit).Ids))];
        string[] chunks = [.. rows.Chunk(1000).Select(TestData.Digest)];
        Assert.Equal(expected.GetProperty("rows").GetInt32(), rows.Length);
        // The first chunk that differs tells the rows.
        Assert.Equal(expected.GetProperty("chunks").EnumerateArray().Select(e => e.GetString()!), chunks);
        Assert.Equal(expected.GetProperty("tokens").GetInt32(), rows.Sum(r => r.Count(c => c == ' ') + 1));
        Assert.Equal(expected.GetProperty("sha256").GetString(), TestData.Digest(rows));
    }

    [Theory]
    [InlineData(2, "[CLS] [SEP]", true)]
    [InlineData(3, "[CLS] un [SEP]", true)]
    [InlineData(5, "[CLS] un ##bell ##ie [SEP]", true)]
    [InlineData(7, "[CLS] un ##bell ##ie ##va ##bly [SEP]", true)]
    [InlineData(8, "[CLS] un ##bell ##ie ##va ##bly good [SEP]", false)]
    [InlineData(9, "[CLS] un ##bell ##ie ##va ##bly good [SEP]", false)]
    public void Tokenize_TruncatesAndSaysSo(int limit, string pieces, bool isTruncated)
    {
        TokenizedText actual = Tokenizer.Tokenize("unbellievably good", limit);
        Assert.Equal(pieces, string.Join(' ', actual.Pieces));
        Assert.Equal(isTruncated, actual.IsTruncated);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t\u00a0\u0000\u0301")]
    public void Tokenize_GivesJustTheFrameForAnEmptyText(string text) => Assert.Equal([101, 102], Tokenizer.Tokenize(text, 2).Ids);

    [Fact]
    public void Tokenize_RefusesBadArguments()
    {
        Assert.Throws<ArgumentNullException>(() => Tokenizer.Tokenize(null!, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Tokenize("good", 1));
        Assert.Throws<ArgumentNullException>(() => Create(null!));
    }

    [Fact]
    public void Tokenize_TreatsSpecialTokensInTheTextAsText()
    {
        TokenizedText actual = Tokenizer.Tokenize("[SEP] [CLS]", 64);
        Assert.Equal(["[CLS]", "[", "sep", "]", "[", "cl", "##s", "]", "[SEP]"], actual.Pieces);
    }

    [Theory]
    [InlineData("\ud800")]
    [InlineData("good\udc00movie")]
    [InlineData("good\ud83dmovie\ud83d")]
    public void Tokenize_DropsLoneSurrogates(string text)
    {
        string without = string.Concat(text.Where(c => !char.IsSurrogate(c)));
        Assert.Equal(Tokenizer.Tokenize(without, 64).Ids, Tokenizer.Tokenize(text, 64).Ids);
    }

    [Fact]
    public void Tokenize_HoldsItsContractForAnyText() => Prop.ForAll(ArbMap.Default.ArbFor<char[]>(), chars =>
    {
        // Any UTF-16 units: controls, lone surrogates, marks. The prefix property ties truncation to the whole.
        var text = new string(chars);
        TokenizedText whole = Tokenizer.Tokenize(text, NoLimit), cut = Tokenizer.Tokenize(text, 5);
        return whole.Ids[0] == 101 && whole.Ids[^1] == 102 && !whole.IsTruncated
            && whole.Ids.Skip(1).SkipLast(1).All(id => id is not (101 or 102))
            && cut.Ids.Count <= 5 && cut.IsTruncated == whole.Ids.Count > 5
            && cut.Ids.SkipLast(1).SequenceEqual(whole.Ids.SkipLast(1).Take(4)) && cut.Ids[^1] == 102;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("a", 100, false)]
    [InlineData("a", 101, true)]
    [InlineData("\U0001D4B6", 100, false)] // two UTF-16 units, one code point: the limit counts these
    [InlineData("\U0001D4B6", 101, true)]
    public void Tokenize_LooksUpWordsOfAtMostAHundredCodePoints(string letter, int count, bool isUnknown)
    {
        ITokenizer tokenizer = Create(Vocabulary.Load(Lines("[UNK]", "[CLS]", "[SEP]", letter, "##" + letter)));
        TokenizedText tokens = tokenizer.Tokenize(string.Concat(Enumerable.Repeat(letter, count)), NoLimit);
        Assert.Equal(isUnknown ? 3 : count + 2, tokens.Ids.Count);
        Assert.Equal(isUnknown, tokens.Ids[1] == 0);
    }

    [Theory]
    [InlineData(true, "\u00c9t\u00e9 Good-ish", "ete good - ish")]
    [InlineData(true, "e\u0301te\u0301", "ete")]
    [InlineData(false, "\u00c9t\u00e9 Good-ish", "\u00c9t\u00e9 Good - ish")]
    [InlineData(false, "e\u0301te\u0301", "[UNK]")] // a cased model's text is not composed either
    [InlineData(false, "good \u4e2d.", "[UNK] \u4e2d .")]
    public void Tokenize_LowersAndStripsForUncasedModelsAlone(bool isLowerCase, string text, string pieces)
    {
        Vocabulary vocabulary = Vocabulary.Load(Lines(
            "[UNK]", "[CLS]", "[SEP]", "ete", "\u00c9t\u00e9", "Good", isLowerCase ? "good" : "Bad", "-", ".", "ish", "\u4e2d"));
        Assert.Equal(["[CLS]", .. pieces.Split(' '), "[SEP]"], Create(vocabulary, isLowerCase).Tokenize(text, NoLimit).Pieces);
    }

    [Fact]
    public void Tokenize_MakesNoDifferenceBetweenCasesForPlainLowerCaseText()
    {
        ITokenizer cased = Create(fixture.Vocabulary, isLowerCase: false);
        Prop.ForAll(Gen.ArrayOf(Gen.Elements([.. "abc .,!-7\t"])).ToArbitrary(), chars =>
        {
            string text = new(chars);
            return Tokenizer.Tokenize(text, NoLimit).Ids.SequenceEqual(cased.Tokenize(text, NoLimit).Ids);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Tokenize_TakesTimeInProportionToTheText()
    {
        // A million combining marks, then a million letters without a blank: neither may cost quadratic time.
        string text = "a" + string.Concat(Enumerable.Repeat("\u0327\u0301", 500_000)) + new string('b', 1_000_000);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal([101, 100, 102], Tokenizer.Tokenize(text, 64).Ids);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
    }

    private static MemoryStream Lines(params string[] pieces) => new(Encoding.UTF8.GetBytes(string.Join('\n', pieces)));

    private static IEnumerable<JsonElement> Cases() => TestData.Vectors("tokenizer.json").GetProperty("cases").EnumerateArray();
}
