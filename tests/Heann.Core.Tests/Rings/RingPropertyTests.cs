using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Rings;

/// <summary>Laws of the ring on generated polynomials; a failure is shrunk and prints its seed.</summary>
public sealed class RingPropertyTests : IDisposable
{
    private readonly ScalarBackend _backend = new();

    public void Dispose() => _backend.Dispose();

    [Fact]
    public void Multiply_DistributesOverAdd() => Holds(s =>
        Multiply(s, s.X, Add(s, s.Y, s.Z)).SequenceEqual(Add(s, Multiply(s, s.X, s.Y), Multiply(s, s.X, s.Z))));

    [Fact]
    public void Multiply_IsCommutativeAndAssociative() => Holds(s =>
        Multiply(s, s.X, s.Y).SequenceEqual(Multiply(s, s.Y, s.X))
        && Multiply(s, Multiply(s, s.X, s.Y), s.Z).SequenceEqual(Multiply(s, s.X, Multiply(s, s.Y, s.Z))));

    [Fact]
    public void Subtract_UndoesAdd() => Holds(s =>
        Run(s.Basis, s.Basis, Add(s, s.X, s.Y), (x, d) => _backend.Subtract(x, [Load(s.Basis, s.Y).Block], d)).SequenceEqual(s.X));

    [Fact]
    public void ForwardNtt_IsLinear() => Holds(s =>
    {
        ulong[] scalars = [.. s.Basis.Moduli.Select((q, i) => s.Z[i * s.Basis.RingDegree])];
        return Ntt(s, Add(s, s.X, Scale(s, s.Y, scalars))).SequenceEqual(Add(s, Ntt(s, s.X), Scale(s, Ntt(s, s.Y), scalars)));
    });

    [Fact]
    public void ForwardNtt_TurnsNegacyclicProductsIntoProducts() => Holds(s =>
        Ntt(s, Schoolbook(s.Basis, s.X, s.Y)).SequenceEqual(Multiply(s, Ntt(s, s.X), Ntt(s, s.Y))));

    [Fact]
    public void Automorphism_ComposesLikeTheGroup() => Holds(s =>
    {
        // Two rotations add up; a conjugation commutes with them and is its own inverse.
        GaloisElement g = new((int)(s.Z[0] % 1000) - 500, s.Z[0] % 2 == 0);
        GaloisElement h = new((int)(s.Z[^1] % 1000) - 500, s.Z[^1] % 3 == 0);
        GaloisElement composed = new(g.RotationSteps + h.RotationSteps, g.IsConjugation ^ h.IsConjugation);
        return Enum.GetValues<Domain>().All(domain =>
            Apply(s, domain, g, Apply(s, domain, h, s.X)).SequenceEqual(Apply(s, domain, composed, s.X)));
    });

    [Fact]
    public void Automorphism_IsARingHomomorphism() => Holds(s =>
    {
        GaloisElement g = new((int)(s.Z[0] % 1000), s.Z[0] % 2 == 0);
        return Apply(s, Domain.Coefficient, g, Schoolbook(s.Basis, s.X, s.Y))
                .SequenceEqual(Schoolbook(s.Basis, Apply(s, Domain.Coefficient, g, s.X), Apply(s, Domain.Coefficient, g, s.Y)))
            && Apply(s, Domain.Evaluation, g, Ntt(s, s.X)).SequenceEqual(Ntt(s, Apply(s, Domain.Coefficient, g, s.X)));
    });

    [Fact]
    public void ConvertBasis_IsAdditiveUpToMultiplesOfD() => Holds(s =>
    {
        RnsBasis target = Target(s.Basis);
        BigInteger product = s.Basis.Product;
        ulong[] sum = Add(s, s.X, s.Y);
        ulong[] x = Convert(s.Basis, target, s.X);
        ulong[] y = Convert(s.Basis, target, s.Y);
        ulong[] z = Convert(s.Basis, target, sum);
        int degree = s.Basis.RingDegree;
        return Enumerable.Range(0, degree).All(k => Enumerable.Range(-1, 3).Any(multiple => target.Moduli
            .Select((p, j) => Mod((BigInteger)x[j * degree + k] + y[j * degree + k] - z[j * degree + k] - multiple * product, p.Value))
                .All(r => r == 0)));
    });

    [Fact]
    public void ConvertBasis_ToALargerBasisAndBackIsTheIdentity() => Holds(s =>
    {
        RnsBasis target = Target(s.Basis); // more bits, none shared
        return Convert(target, s.Basis, Convert(s.Basis, target, s.X)).SequenceEqual(s.X);
    });

    [Fact]
    public void Divide_UndoesMultiplicationByTheDroppedPrimes() => Holds(s =>
    {
        RnsBasis dropped = Target(s.Basis).Take(2);
        RnsBasis whole = s.Basis.Concat(dropped);
        ulong[] multiple = [.. Scale(s, s.X, [.. s.Basis.Moduli.Select(q => q.Reduce(dropped.Product))]),
            .. new ulong[2 * s.Basis.RingDegree]];
        return Run(whole, s.Basis, multiple, (x, d) => _backend.Divide(new(s.Basis, dropped), x, d)).SequenceEqual(s.X);
    });

    [Fact]
    public void MatrixProduct_IsTheSumOfItsProducts() => Holds(s =>
    {
        using RnsPolynomial destination = new(_backend, s.Basis, Domain.Evaluation);
        _backend.MatrixProduct([Load(s.Basis, s.X).Block, Load(s.Basis, s.Y).Block], [Load(s.Basis, s.Y).Block, Load(s.Basis, s.Z).Block],
            [destination.Block]);
        return destination.ToResidues().SequenceEqual(Add(s, Multiply(s, s.X, s.Y), Multiply(s, s.Y, s.Z)));
    });

    private static void Holds(Func<Sample, bool> law) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(Samples(), law));

    private static Arbitrary<Sample> Samples()
    {
        Gen<Sample> samples =
            from logN in Gen.Choose(0, 6)
            from limbCount in Gen.Choose(1, 4)
            let basis = Basis(1 << logN, limbCount)
            from x in Residues(basis)
            from y in Residues(basis)
            from z in Residues(basis)
            select new Sample(basis, x, y, z);
        return Arb.From(samples, Shrink);
    }

    private static Gen<ulong[]> Residues(RnsBasis basis) =>
        from kinds in Gen.Choose(0, 9).ArrayOf(basis.Count * basis.RingDegree)
        from high in Gen.Choose(0, int.MaxValue).ArrayOf(kinds.Length)
        from low in Gen.Choose(0, int.MaxValue).ArrayOf(kinds.Length)
        select kinds.Select((kind, i) =>
        {
            ulong q = basis[i / basis.RingDegree].Value;
            return kind < 5 ? Extremes(q)[kind] : (((ulong)high[i] << 31) | (uint)low[i]) % q;
        }).ToArray();

    // Smaller: one operand zero, or half of the residues of one.
    private static IEnumerable<Sample> Shrink(Sample s)
    {
        foreach (Func<ulong[], ulong[]> smaller in (Func<ulong[], ulong[]>[])[
            a => new ulong[a.Length],
            a => [.. a.Select((v, i) => i < a.Length / 2 ? v : 0)],
            a => [.. a.Select((v, i) => i < a.Length / 2 ? 0 : v)],
            a => [.. a.Select((v, i) => i == Array.FindIndex(a, u => u != 0) ? 0 : v)],
            a => [.. a.Select(v => Math.Min(v, 1))],
        ])
        {
            foreach (Sample candidate in (Sample[])[s with { X = smaller(s.X) }, s with { Y = smaller(s.Y) }, s with { Z = smaller(s.Z) }])
            {
                if (!candidate.Residues.SequenceEqual(s.Residues))
                {
                    yield return candidate;
                }
            }
        }
    }

    // Primes of a size that no basis of the kit has, so many that their product exceeds the basis by far.
    private static RnsBasis Target(RnsBasis basis) =>
        new(basis.RingDegree, PrimeSearch.Descending(47, basis.RingDegree, basis.Count + 2));

    private ulong[] Add(Sample s, ulong[] x, ulong[] y) => Run(s.Basis, s.Basis, x, (a, d) => _backend.Add(a, [Load(s.Basis, y).Block], d));

    private ulong[] Multiply(Sample s, ulong[] x, ulong[] y) =>
        Run(s.Basis, s.Basis, x, (a, d) => _backend.Multiply(a, [Load(s.Basis, y).Block], d));

    private ulong[] Scale(Sample s, ulong[] x, ulong[] scalars) =>
        Run(s.Basis, s.Basis, x, (a, d) => _backend.MultiplyScalar(a, scalars, d));

    private ulong[] Apply(Sample s, Domain domain, GaloisElement g, ulong[] x) =>
        Run(s.Basis, s.Basis, x, (a, d) => _backend.Automorphism(domain, g, a, d));

    private ulong[] Convert(RnsBasis source, RnsBasis target, ulong[] x) =>
        Run(source, target, x, (a, d) => _backend.ConvertBasis(new(source, target), a, d));

    private ulong[] Ntt(Sample s, ulong[] x) => Run(s.Basis, s.Basis, x, (a, d) =>
    {
        _backend.Copy(a, d);
        _backend.ForwardNtt(d);
    });

    private ulong[] Run(RnsBasis from, RnsBasis to, ulong[] x, Action<LimbBlock[], LimbBlock[]> call)
    {
        using RnsPolynomial operand = Load(from, x);
        using RnsPolynomial destination = new(_backend, to, Domain.Coefficient);
        call([operand.Block], [destination.Block]);
        return destination.ToResidues();
    }

    private RnsPolynomial Load(RnsBasis basis, ulong[] residues) => Upload(_backend, basis, residues);

    private sealed record Sample(RnsBasis Basis, ulong[] X, ulong[] Y, ulong[] Z)
    {
        public IEnumerable<ulong> Residues => [.. X, .. Y, .. Z];

        public override string ToString() =>
            $"{Basis} ({string.Join(", ", Basis.Moduli)})\nx = {string.Join(' ', X)}\ny = {string.Join(' ', Y)}\nz = {string.Join(' ', Z)}";
    }
}
