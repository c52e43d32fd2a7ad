using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Evaluation;

/// <summary>Operations drawn from a seed, the same for every kind of value, down to level 1.</summary>
internal static class RandomCircuit
{
    public static T Run<T>(CircuitEvaluator<T> e, T x, T y, int seed)
        where T : class, ICircuitValue
    {
        SeededRandom random = RingTestKit.Seeded(seed, 99);
        T value = e.Copy(x);
        while (value.Level > 1)
        {
            int kind = random.Next(9);
            T next = kind switch
            {
                0 => Product(e, value, e.DropLevel(y, value.Level)),
                1 => e.Rescale(e.MultiplyPlain(value, SlotVector.Periodic([0.5, random.NextDouble(), -1, 0.25]))),
                2 => e.Rotate(value, random.Next(-5, 6)),
                3 => e.RotateSum(value, [0, random.Next(1, 4)]),
                4 => e.AddPlain(e.Conjugate(value), SlotVector.Constant(new Complex(0.1, -0.2))),
                5 => e.Rescale(e.Transform(value, new(new DiagonalMatrix(8, -2, 2, (j, k) => Math.Sin(j + k) / 3), 2))),
                6 => e.Subtract(e.MultiplyInteger(value, 2), value),
                7 => Product(e, value, value),
                _ => InnerSum.Evaluate(e, e.Rescale(e.MultiplyConstant(value, 0.125)), 2, 4, 2),
            };
            value.Dispose();
            value = next;
        }

        // One of each kind of key at the end, so that every circuit needs some.
        return Product(e, e.Add(e.Rotate(value, 3), e.Conjugate(e.Rotate(value, -1))), value);
    }

    private static T Product<T>(CircuitEvaluator<T> e, T x, T y)
        where T : class, ICircuitValue => e.Rescale(e.Multiply(x, y));
}
