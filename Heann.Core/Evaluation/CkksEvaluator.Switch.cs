using Heann.Core.Ciphertexts;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <content>Everything that switches keys: relinearisation and automorphisms.</content>
public sealed partial class CkksEvaluator
{
    /// <inheritdoc/>
    protected override KeySwitchLayout RelinearizationLayout(int level) => _keys.RequireRelinearization(level).Layout;

    /// <inheritdoc/>
    protected override KeySwitchLayout GaloisLayout(GaloisElement element, int level) => _keys.RequireGalois(element, level).Layout;

    /// <inheritdoc/>
    protected override void RelinearizeCore(Ciphertext x, Ciphertext destination)
    {
        KeySwitchingKey key = _keys.RequireRelinearization(x.Level);
        RnsPolynomial[] digits = _switcher.Decompose(x.Part(2), key.Layout);
        try
        {
            using RnsPolynomial v0 = new(_backend, x.Basis, Domain.Evaluation);
            using RnsPolynomial v1 = new(_backend, x.Basis, Domain.Evaluation);
            _switcher.Switch(digits, key, x.Level, [v0.Block, v1.Block]);
            _backend.Add([x.Part(0), x.Part(1)], [v0.Block, v1.Block], [destination.Part(0), destination.Part(1)]);
        }
        finally
        {
            DisposeAll(digits);
        }
    }

    /// <inheritdoc/>
    protected override void ApplyCore(Ciphertext x, GaloisElement element, Ciphertext destination) => RotateManyCore(x, [element], [destination]);

    /// <inheritdoc/>
    protected override void RotateManyCore(Ciphertext x, GaloisElement[] elements, Ciphertext[] destinations)
    {
        Dictionary<int, RnsPolynomial[]> decompositions = [];
        try
        {
            for (int i = 0; i < elements.Length; i++)
            {
                if (elements[i].IsIdentity(Parameters.RingDegree))
                {
                    CopyCore(x, destinations[i]);
                    continue;
                }

                KeySwitchingKey key = _keys.RequireGalois(elements[i], x.Level);
                RotateDecomposed(x, elements[i], key, DigitsFor(x, key, decompositions), destinations[i]);
            }
        }
        finally
        {
            DisposeAll(decompositions.Values.SelectMany(digits => digits));
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Every term's inner product stays modulo Q_ℓ·P', is permuted there and added up, P'·c_0 with it; the division by P' comes once.
    /// Terms whose keys have different layouts are gathered apart.
    /// </remarks>
    protected override void RotateSumCore(Ciphertext x, GaloisElement[] elements, Ciphertext destination)
    {
        _backend.Clear([destination.Part(0), destination.Part(1)]);
        foreach (IGrouping<KeySwitchLayout?, GaloisElement> group in elements.GroupBy(
            e => e.IsIdentity(Parameters.RingDegree) ? null : _keys.RequireGalois(e, x.Level).Layout))
        {
            if (group.Key is null)
            {
                foreach (GaloisElement _ in group)
                {
                    _backend.Add([destination.Part(0), destination.Part(1)], [x.Part(0), x.Part(1)], [destination.Part(0), destination.Part(1)]);
                }
            }
            else
            {
                AddRotationSum(x, group.Key, [.. group], destination);
            }
        }
    }

    private static void DisposeAll(IEnumerable<RnsPolynomial> polynomials)
    {
        foreach (RnsPolynomial polynomial in polynomials)
        {
            polynomial.Dispose();
        }
    }

    // The decomposition depends on the digits of the key; keys of one layout share it.
    private RnsPolynomial[] DigitsFor(Ciphertext x, KeySwitchingKey key, Dictionary<int, RnsPolynomial[]> decompositions)
    {
        if (!decompositions.TryGetValue(key.Layout.Level, out RnsPolynomial[]? digits))
        {
            digits = _switcher.Decompose(x.Part(1), key.Layout);
            decompositions.Add(key.Layout.Level, digits);
        }

        return digits;
    }

    // σ(c_0 + v_0), σ(v_1) with (v_0, v_1) = ⌊Σ digit·key / P'⌉: the key is for s → σ^(−1)(s).
    private void RotateDecomposed(Ciphertext x, GaloisElement element, KeySwitchingKey key, RnsPolynomial[] digits, Ciphertext destination)
    {
        using RnsPolynomial v0 = new(_backend, x.Basis, Domain.Evaluation);
        using RnsPolynomial v1 = new(_backend, x.Basis, Domain.Evaluation);
        _switcher.Switch(digits, key, x.Level, [v0.Block, v1.Block]);
        _backend.Add([v0.Block], [x.Part(0)], [v0.Block]);
        _backend.Automorphism(Domain.Evaluation, element, [v0.Block, v1.Block], [destination.Part(0), destination.Part(1)]);
    }

    private void AddRotationSum(Ciphertext x, KeySwitchLayout layout, GaloisElement[] elements, Ciphertext destination)
    {
        RnsPolynomial[] digits = _switcher.Decompose(x.Part(1), layout);
        try
        {
            using RnsPolynomial u0 = _switcher.AllocateExtended(layout, x.Level);
            using RnsPolynomial u1 = _switcher.AllocateExtended(layout, x.Level);
            using RnsPolynomial w0 = _switcher.AllocateExtended(layout, x.Level);
            using RnsPolynomial w1 = _switcher.AllocateExtended(layout, x.Level);
            using RnsPolynomial sum0 = _switcher.AllocateExtended(layout, x.Level);
            using RnsPolynomial sum1 = _switcher.AllocateExtended(layout, x.Level);
            _backend.Clear([sum0.Block, sum1.Block]);
            ulong[] factors = [.. x.Basis.Moduli.Select(q => q.Reduce(layout.BasisP.Product))];
            foreach (GaloisElement element in elements)
            {
                _switcher.InnerProduct(digits, _keys.RequireGalois(element, x.Level), x.Level, u0, u1);
                _backend.MultiplyScalarAdd([x.Part(0)], factors, [u0.Prefix(x.Basis)]);
                _backend.Automorphism(Domain.Evaluation, element, [u0.Block, u1.Block], [w0.Block, w1.Block]);
                _backend.Add([sum0.Block, sum1.Block], [w0.Block, w1.Block], [sum0.Block, sum1.Block]);
            }

            using RnsPolynomial v0 = new(_backend, x.Basis, Domain.Evaluation);
            using RnsPolynomial v1 = new(_backend, x.Basis, Domain.Evaluation);
            _switcher.ModDown(layout, x.Level, [sum0.Block, sum1.Block], [v0.Block, v1.Block]);
            _backend.Add([destination.Part(0), destination.Part(1)], [v0.Block, v1.Block], [destination.Part(0), destination.Part(1)]);
        }
        finally
        {
            DisposeAll(digits);
        }
    }
}
