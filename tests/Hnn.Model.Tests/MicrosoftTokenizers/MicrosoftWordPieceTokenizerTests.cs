using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.MicrosoftTokenizers;
using Hnn.Model.Tests.Text;
using Hnn.Model.Text;

namespace Hnn.Model.Tests.MicrosoftTokenizers;

/// <summary>Built with <c>-p:UseMicrosoftMLTokenizers=true</c> alone.</summary>
public sealed class MicrosoftWordPieceTokenizerTests(TextFixture fixture) : TokenizerContract(fixture)
{
    private readonly TextFixture _fixture = fixture;

    protected override ITokenizer Create(Vocabulary vocabulary, bool isLowerCase = true) =>
        new MicrosoftWordPieceTokenizer(vocabulary, isLowerCase);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tokenize_GivesTheIdsOfTheOwnTokenizer(bool isLowerCase)
    {
        ITokenizer own = new WordPieceTokenizer(_fixture.Vocabulary, isLowerCase), other = Create(_fixture.Vocabulary, isLowerCase);
        Prop.ForAll(ArbMap.Default.ArbFor<char[]>(), chars =>
            own.Tokenize(new string(chars), 64).Ids.SequenceEqual(other.Tokenize(new string(chars), 64).Ids)).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("[UNK]\n[CLS]\n[SEP]\na\rb", "line 4")]
    [InlineData("\uFEFFx\n[UNK]\n[CLS]\n[SEP]", "line 1")]
    public void Constructor_RefusesAVocabularyThatThePackageWouldReadOtherwise(string lines, string part)
    {
        Vocabulary vocabulary = Vocabulary.Load(new MemoryStream(Encoding.UTF8.GetBytes(lines)));
        Assert.Contains(part, Assert.Throws<ArgumentException>(() => Create(vocabulary)).Message, StringComparison.Ordinal);
    }
}
