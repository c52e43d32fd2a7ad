using System.Globalization;
using System.Text.RegularExpressions;
using Heann.Core.Ciphertexts;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Serialization;

/// <summary>The worked example of docs/format.md is what the codecs write.</summary>
public sealed partial class FormatDocumentTests : IDisposable
{
    private readonly CkksContext _context = CkksContext.Create(CkksParameters.CreateInsecure(3, [30], [31], 1, Scale.FromLog2(20)));

    private RnsBasis Basis => _context.Parameters.BasisQ;

    public void Dispose() => _context.Dispose();

    [Fact]
    public void Parameters_AreAsDocumented() => AssertDocumented("parameters", ParametersCodec.AllowInsecure.ToBytes(_context.Parameters));

    [Fact]
    public void Plaintext_IsAsDocumented()
    {
        ulong[] residues = [1, 2, 3, Basis[0].Value - 1];
        using RnsPolynomial polynomial = RingTestKit.Upload(_context.Backend, Basis.Subring(4), residues, Domain.Evaluation);
        using Plaintext plaintext = new(polynomial, _context.Parameters, Scale.FromLog2(20), new(0.25, 1));
        AssertDocumented("plaintext", _context.Codecs.Plaintext.ToBytes(plaintext));
    }

    [Fact]
    public void SeededResidues_AreAsDocumented()
    {
        byte[] seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        using RnsPolynomial a = new RlweSampler(_context.Backend).Uniform(Basis, seed, 1);
        Assert.Equal(Block("residues"), string.Join(' ', a.ToResidues()));
    }

    private static void AssertDocumented(string name, byte[] bytes)
    {
        IEnumerable<string> lines = bytes.Chunk(16).Select((row, i) =>
            string.Create(CultureInfo.InvariantCulture, $"{16 * i:x4}  {string.Join(' ', row.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)))}"));
        Assert.Equal(Block(name), string.Join('\n', lines));
    }

    private static string Block(string name)
    {
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "format.md"));
        return Fence().Matches(document).Single(match => match.Groups[1].Value == name).Groups[2].Value.Trim();
    }

    [GeneratedRegex(@"```hex (\w+)\n([^`]*)```")]
    private static partial Regex Fence();
}
