using System.Text.Json;
using Heann.Core.Backends;
using Heann.Core.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Rings;

/// <summary>Known answers from tests/vectors/ntt.py.</summary>
public sealed class NttVectorTests
{
    [Fact]
    public void Ntt_ReproducesTheVectors()
    {
        Case[] cases = Read();
        Assert.Equal(36, cases.Length);
        Assert.Equal([8, 16, 64], cases.Select(c => c.Degree).Distinct());
        using ScalarBackend backend = new();
        foreach (Case vector in cases)
        {
            RnsBasis basis = new(vector.Degree, [vector.Prime]);
            Assert.Equal(vector.Root, basis.Tables(0).Root);
            using RnsPolynomial polynomial = Upload(backend, basis, vector.Input);
            backend.ForwardNtt([polynomial.Block]);
            Assert.Equal(vector.Output, polynomial.ToResidues());
            backend.InverseNtt([polynomial.Block]);
            Assert.Equal(vector.Input, polynomial.ToResidues());
        }
    }

    // The other backends are held to the naive twin of the test kit: so it must agree with the vectors too.
    [Fact]
    public void TestKit_ReproducesTheVectors()
    {
        foreach (Case vector in Read())
        {
            RnsBasis basis = new(vector.Degree, [vector.Prime]);
            Assert.Equal(vector.Root, Root(vector.Prime, vector.Degree));
            Assert.Equal(vector.Output, EvaluateAtRoots(basis, vector.Input));
            Assert.Equal(vector.Output[3], EvaluateAtRoot(vector.Prime, vector.Input, 3));
        }
    }

    private static Case[] Read()
    {
        using FileStream stream = File.OpenRead(Path.Combine(Repository.Root, "tests", "vectors", "ntt.json"));
        return JsonSerializer.Deserialize<VectorFile>(stream, JsonSerializerOptions.Web)!.Cases;
    }

    private sealed record VectorFile(Case[] Cases);

    private sealed record Case(int Degree, ulong Prime, ulong Root, ulong[] Input, ulong[] Output);
}
