using System.Buffers;
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
        _backend.SwitchKeys(_switcher.PlanFor(key.Layout, x.Level), x.Part(2), [new()
        {
            Key = key.Matrix,
            Addend0 = x.Part(0),
            Addend1 = x.Part(1),
            Destination0 = destination.Part(0),
            Destination1 = destination.Part(1),
        }]);
    }

    private protected override bool MultipliesAtOnce => true;

    /// <inheritdoc/>
    /// <remarks>The three parts are in pooled storage, so that a product allocates nothing.</remarks>
    private protected override void MultiplyCore(Ciphertext x, Ciphertext y, Ciphertext destination)
    {
        KeySwitchingKey key = _keys.RequireRelinearization(x.Level);
        RnsBasis basis = x.Basis;
        using ScratchPool.Scratch d0 = _backend.Scratch.Rent(basis), d1 = _backend.Scratch.Rent(basis), d2 = _backend.Scratch.Rent(basis);
        PartBlocks left = PartBlocks.Of(x), right = PartBlocks.Of(y);
        _backend.TensorProduct(left[..2], right[..2], [d0.Block, d1.Block, d2.Block]);
        _backend.SwitchKeys(_switcher.PlanFor(key.Layout, x.Level), d2.Block, [new()
        {
            Key = key.Matrix,
            Addend0 = d0.Block,
            Addend1 = d1.Block,
            Destination0 = destination.Part(0),
            Destination1 = destination.Part(1),
        }]);
    }

    /// <inheritdoc/>
    protected override void ApplyCore(Ciphertext x, GaloisElement element, Ciphertext destination)
    {
        KeySwitchingKey key = _keys.RequireGalois(element, x.Level);
        _backend.SwitchKeys(_switcher.PlanFor(key.Layout, x.Level), x.Part(1), [Rotation(x, element, key, destination)]);
    }

    /// <inheritdoc/>
    /// <remarks>The decomposition depends on the digits of the key: keys of one layout share it.</remarks>
    protected override void RotateManyCore(Ciphertext x, ReadOnlySpan<GaloisElement> elements, ReadOnlySpan<Ciphertext> destinations)
    {
        KeySwitchTerm[] terms = ArrayPool<KeySwitchTerm>.Shared.Rent(elements.Length);
        try
        {
            for (int i = 0; i < elements.Length; i++)
            {
                KeySwitchLayout? layout = KeyOf(x, elements[i])?.Layout;
                if (layout is null)
                {
                    CopyCore(x, destinations[i]);
                }
                else if (!Contains(x, elements[..i], layout))
                {
                    int count = 0;
                    for (int j = i; j < elements.Length; j++)
                    {
                        if (KeyOf(x, elements[j]) is { } key && key.Layout.Level == layout.Level)
                        {
                            terms[count++] = Rotation(x, elements[j], key, destinations[j]);
                        }
                    }

                    _backend.SwitchKeys(_switcher.PlanFor(layout, x.Level), x.Part(1), terms.AsSpan(0, count));
                }
            }
        }
        finally
        {
            ArrayPool<KeySwitchTerm>.Shared.Return(terms, clearArray: true);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Every term's inner product stays modulo Q_ℓ·P', is permuted there and added up, P'·c_0 with it; the division by P' comes once.
    /// Terms whose keys have different layouts are gathered apart.
    /// </remarks>
    protected override void RotateSumCore(Ciphertext x, GaloisElement[] elements, Ciphertext destination)
    {
        PartBlocks source = PartBlocks.Of(x), result = PartBlocks.Of(destination);
        using Ciphertext partial = Allocate(x.Level);
        bool isFirst = true;
        foreach (KeySwitchLayout? layout in elements.Select(e => KeyOf(x, e)?.Layout).DistinctBy(l => l?.Level))
        {
            if (layout is null)
            {
                foreach (GaloisElement _ in elements.Where(e => e.IsIdentity(Parameters.RingDegree)))
                {
                    Gather(source, ref isFirst);
                }

                continue;
            }

            Ciphertext sum = isFirst ? destination : partial;
            KeySwitchTerm[] terms = [.. elements.Where(e => KeyOf(x, e)?.Layout.Level == layout.Level)
                .Select(e => Rotation(x, e, _keys.RequireGalois(e, x.Level), sum))];
            _backend.SumSwitchedKeys(_switcher.PlanFor(layout, x.Level), x.Part(1), terms);
            Gather(PartBlocks.Of(sum), ref isFirst);
        }

        void Gather(PartBlocks term, ref bool isFirst)
        {
            if (!isFirst)
            {
                _backend.Add(result[..2], term[..2], result[..2]);
            }
            else if (term[0].Buffer != result[0].Buffer)
            {
                _backend.Copy(term[..2], result[..2]);
            }

            isFirst = false;
        }
    }

    // σ(c_0 + v_0), σ(v_1): the key is for s → σ^(−1)(s).
    private static KeySwitchTerm Rotation(Ciphertext x, GaloisElement element, KeySwitchingKey key, Ciphertext destination) => new()
    {
        Key = key.Matrix,
        Element = element,
        Addend0 = x.Part(0),
        Destination0 = destination.Part(0),
        Destination1 = destination.Part(1),
    };

    // Null for the identity, which needs none.
    private KeySwitchingKey? KeyOf(Ciphertext x, GaloisElement element) =>
        element.IsIdentity(Parameters.RingDegree) ? null : _keys.RequireGalois(element, x.Level);

    // Whether a key of the layout serves one of the elements.
    private bool Contains(Ciphertext x, ReadOnlySpan<GaloisElement> elements, KeySwitchLayout layout)
    {
        foreach (GaloisElement element in elements)
        {
            if (KeyOf(x, element)?.Layout.Level == layout.Level)
            {
                return true;
            }
        }

        return false;
    }
}
