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
        using KeyHold hold = _keys.Hold(_keys.RequireRelinearization(x.Level));
        _backend.SwitchKeys(_switcher.PlanFor(hold.Key.Layout, x.Level), x.Part(2), [new()
        {
            Key = hold.Key.Matrix,
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
        using KeyHold hold = _keys.Hold(_keys.RequireRelinearization(x.Level));
        RnsBasis basis = x.Basis;
        using ScratchPool.Scratch d0 = _backend.Scratch.Rent(basis), d1 = _backend.Scratch.Rent(basis), d2 = _backend.Scratch.Rent(basis);
        PartBlocks left = PartBlocks.Of(x), right = PartBlocks.Of(y);
        _backend.TensorProduct(left[..2], right[..2], [d0.Block, d1.Block, d2.Block]);
        _backend.SwitchKeys(_switcher.PlanFor(hold.Key.Layout, x.Level), d2.Block, [new()
        {
            Key = hold.Key.Matrix,
            Addend0 = d0.Block,
            Addend1 = d1.Block,
            Destination0 = destination.Part(0),
            Destination1 = destination.Part(1),
        }]);
    }

    /// <inheritdoc/>
    protected override void ApplyCore(Ciphertext x, GaloisElement element, Ciphertext destination)
    {
        using KeyHold hold = _keys.Hold(_keys.RequireGalois(element, x.Level));
        _backend.SwitchKeys(_switcher.PlanFor(hold.Key.Layout, x.Level), x.Part(1), [Rotation(x, element, hold.Key, destination)]);
    }

    /// <inheritdoc/>
    /// <remarks>The decomposition depends on the digits of the key: keys of one layout share it. Keys on demand that cannot all be in
    /// memory take their turns, each group with a decomposition of its own; results do not depend on the groups.</remarks>
    protected override void RotateManyCore(Ciphertext x, ReadOnlySpan<GaloisElement> elements, ReadOnlySpan<Ciphertext> destinations)
    {
        int count = elements.Length;
        KeySwitchTerm[] terms = ArrayPool<KeySwitchTerm>.Shared.Rent(count);
        EvaluationKey?[] keys = ArrayPool<EvaluationKey?>.Shared.Rent(2 * count);
        Span<EvaluationKey?> waiting = keys.AsSpan(0, count), held = keys.AsSpan(count, count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                waiting[i] = KeyOf(x, elements[i]);
                if (waiting[i] is null)
                {
                    CopyCore(x, destinations[i]);
                }
            }

            for (int i = 0; i < count; i++)
            {
                // The first of its layout; a group need not have it, but every group has some.
                while (waiting[i] is { } first)
                {
                    _keys.HoldSome(waiting, first.Layout, held);
                    SwitchHeld(x, elements, destinations, held, terms);
                    Remove(held, waiting);
                }
            }
        }
        finally
        {
            ArrayPool<EvaluationKey?>.Shared.Return(keys, clearArray: true);
            ArrayPool<KeySwitchTerm>.Shared.Return(terms, clearArray: true);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Every term's inner product stays modulo Q_ℓ·P', is permuted there and added up, P'·c_0 with it; the division by P' comes once.
    /// Terms whose keys have different layouts are gathered apart. All keys of a layout are held at once, on demand as well: a second
    /// division would round a second time.
    /// </remarks>
    protected override void RotateSumCore(Ciphertext x, GaloisElement[] elements, Ciphertext destination)
    {
        PartBlocks source = PartBlocks.Of(x), result = PartBlocks.Of(destination);
        using Ciphertext partial = Allocate(x.Level);
        EvaluationKey?[] keys = [.. elements.Select(e => KeyOf(x, e))];
        bool isFirst = true;
        foreach (KeySwitchLayout? layout in keys.Select(key => key?.Layout).DistinctBy(l => l?.Level))
        {
            if (layout is null)
            {
                foreach (EvaluationKey? _ in keys.Where(key => key is null))
                {
                    Gather(source, ref isFirst);
                }

                continue;
            }

            Ciphertext sum = isFirst ? destination : partial;
            SumRotations(x, elements, keys, layout, sum);
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

    private static void Remove(ReadOnlySpan<EvaluationKey?> done, Span<EvaluationKey?> waiting)
    {
        for (int i = 0; i < waiting.Length; i++)
        {
            waiting[i] = done[i] is null ? waiting[i] : null;
        }
    }

    // Null for the identity, which needs none.
    private EvaluationKey? KeyOf(Ciphertext x, GaloisElement element) =>
        element.IsIdentity(Parameters.RingDegree) ? null : _keys.RequireGalois(element, x.Level);

    // One key switch with the keys that are held, all of one layout; lets go of them.
    private void SwitchHeld(
        Ciphertext x, ReadOnlySpan<GaloisElement> elements, ReadOnlySpan<Ciphertext> destinations, ReadOnlySpan<EvaluationKey?> held,
        Span<KeySwitchTerm> terms)
    {
        try
        {
            int count = 0;
            KeySwitchLayout? layout = null;
            for (int i = 0; i < held.Length; i++)
            {
                if (held[i] is { } key)
                {
                    terms[count++] = Rotation(x, elements[i], key.Value!, destinations[i]);
                    layout = key.Layout;
                }
            }

            _backend.SwitchKeys(_switcher.PlanFor(layout!, x.Level), x.Part(1), terms[..count]);
        }
        finally
        {
            _keys.Release(held);
        }
    }

    private void SumRotations(Ciphertext x, GaloisElement[] elements, EvaluationKey?[] keys, KeySwitchLayout layout, Ciphertext sum)
    {
        EvaluationKey?[] held = new EvaluationKey?[keys.Length];
        _keys.HoldAll(keys, layout, held);
        try
        {
            KeySwitchTerm[] terms = [.. elements.Zip(held).Where(pair => pair.Second is not null)
                .Select(pair => Rotation(x, pair.First, pair.Second!.Value!, sum))];
            _backend.SumSwitchedKeys(_switcher.PlanFor(layout, x.Level), x.Part(1), terms);
        }
        finally
        {
            _keys.Release(held);
        }
    }
}
