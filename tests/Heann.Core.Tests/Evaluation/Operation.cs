using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;

namespace Heann.Core.Tests.Evaluation;

/// <summary>Every operation of the evaluators by name, on any kind of value, next to its naive meaning on slots.</summary>
internal static class Operation
{
    public static readonly double[] Pattern = [0.5, -1, 0.25, 0.75];

    private static readonly DiagonalMatrix Matrix = new(4, -2, 3, (j, k) => Math.Cos(j - (2 * k)));

    // Row 1: the matrix on x and twice y.
    private static readonly LinearTransform[,] Blocks =
    {
        { new(new DiagonalMatrix(4, 0, 1, (_, _) => 1), 2), new(new DiagonalMatrix(4, 0, 0, (_, _) => 1), 2) },
        { new(Matrix, 2), new(new DiagonalMatrix(4, 0, 0, (_, _) => 2), 2) },
    };

    /// <summary>Operations that need no level.</summary>
    public static readonly string[] AtAnyLevel =
    [
        "x + y", "x + x", "x - y", "x - x", "-x", "x + v", "x + c", "n x", "rot 3", "rot -2", "rot 0", "rot N/2", "conj", "rot many",
            "rot sum", "rot sum 0",
        "drop 0", "copy", "relin 2", "x + y -> x", "x + y -> y", "x + x -> x", "x - y -> x", "x - y -> y", "-x -> x", "x + v -> x",
            "n x -> x", "rot 3 -> x",
        "rot 0 -> x", "rot sum -> x", "drop 0 -> x", "x + y -> dirty", "rot 3 -> dirty", "relin 2 -> x",
        "x + c -> x", "conj -> x", "copy -> dirty", "i x", "i x -> x", "sum", "sum of one", "sum -> x", "sum -> y", "sum -> dirty",
        "rot many -> x", "re", "im", "re -> itself", "re -> dirty", "re -> x", "im -> x", "join", "join -> x", "join -> y", "integers", "integers -> x", "integers -> dirty",
    ];

    /// <summary>Operations of products and rescalings.</summary>
    public static readonly string[] AboveLevel0 =
    [
        "x y", "x x", "x y rescaled", "x v", "x c rescaled", "x x y y", "3 + 3", "3 + 2", "2 + 3", "3 - 2", "2 - 3", "3 - 3", "-3",
            "3 + v", "n 3", "3 rescaled", "3 copied", "3 dropped",
        "sum of products", "sum of products -> x", "sum of products -> y", "sum of products 3", "sum of products 3 -> dirty", "sum 2 3 2",
        "i 3", "3 + c", "weights", "weights -> y", "x c -> x", "x x -> dirty", "transform many", "transform many -> x", "n 3 -> 3",
        "transform", "x y -> x", "x y -> y", "x x -> x", "3 -> x", "3 rescaled -> 3", "relin 3 -> 3", "x v -> x", "rescale -> x",
            "transform -> x", "3 -> dirty", "transform -> dirty",
    ];

    public static T Run<T>(string name, CircuitEvaluator<T> e, T x, T y)
        where T : class, ICircuitValue
    {
        SlotVector v = SlotVector.Periodic(Pattern);
        return name switch
        {
            "x + y" => e.Add(x, y),
            "x + x" => e.Add(x, x),
            "x - y" => e.Subtract(x, y),
            "x - x" => e.Subtract(x, x),
            "-x" => e.Negate(x),
            "x + v" => e.AddPlain(x, v),
            "x + c" => e.AddConstant(x, new Complex(0.5, -2)),
            "n x" => e.MultiplyInteger(x, -37),
            "rot 3" => e.Rotate(x, 3),
            "rot -2" => e.Rotate(x, -2),
            "rot 0" => e.Rotate(x, 0),
            "rot N/2" => e.Rotate(x, e.SlotCount),
            "conj" => e.Conjugate(x),
            "rot many" => Chosen(e.RotateMany(x, [0, -1, 4, 0, 2]), 2),
            "rot sum" => e.RotateSum(x, [0, 1, -3, 4]),
            "rot sum 0" => e.RotateSum(x, [0]),
            "drop 0" => e.DropLevel(x, 0),
            "copy" => e.Copy(x),
            "relin 2" => e.Relinearize(x),
            "x + y -> x" => Into(e.Copy(x), d => e.AddInto(d, y, d)),
            "x + y -> y" => Into(e.Copy(y), d => e.AddInto(x, d, d)),
            "x + x -> x" => Into(e.Copy(x), d => e.AddInto(d, d, d)),
            "x - y -> x" => Into(e.Copy(x), d => e.SubtractInto(d, y, d)),
            "x - y -> y" => Into(e.Copy(y), d => e.SubtractInto(x, d, d)),
            "-x -> x" => Into(e.Copy(x), d => e.NegateInto(d, d)),
            "x + v -> x" => Into(e.Copy(x), d => e.AddPlainInto(d, v, d)),
            "n x -> x" => Into(e.Copy(x), d => e.MultiplyIntegerInto(d, -37, d)),
            "rot 3 -> x" => Into(e.Copy(x), d => e.RotateInto(d, 3, d)),
            "rot 0 -> x" => Into(e.Copy(x), d => e.RotateInto(d, 0, d)),
            "rot sum -> x" => Into(e.Copy(x), d => e.RotateSumInto(d, [0, 1, -3, 4], d)),
            "drop 0 -> x" => Into(e.Copy(x), d => e.DropLevelInto(d, 0, d)),
            "relin 2 -> x" => Into(e.Copy(x), d => e.RelinearizeInto(d, d)),
            "x + y -> dirty" => Into(Dirty(e), d => e.AddInto(x, y, d)),
            "rot 3 -> dirty" => Into(Dirty(e), d => e.RotateInto(x, 3, d)),
            _ => RunForm(name, e, x, y) ?? RunProduct(name, e, x, y, v),
        };
    }

    /// <summary>The value of slot i.</summary>
    public static Complex Naive(string name, Complex[] a, Complex[] b, int i)
    {
        Complex At(int k) => a[((i + k) % a.Length + a.Length) % a.Length];
        double v = Pattern[i % 4];
        (string source, Complex x, Complex y) = (name.Split(" -> ")[0], a[i], b[i]);
        return (name is "3 -> x" or "3 -> dirty" ? "x y" : source) switch
        {
            "x + y" => x + y,
            "x + x" => 2 * x,
            "x - y" => x - y,
            "x - x" => 0,
            "-x" => -x,
            "x + v" => x + v,
            "x + c" => x + new Complex(0.5, -2),
            "n x" => -37 * x,
            "rot 3" => At(3),
            "rot -2" => At(-2),
            "rot many" => At(4),
            "rot sum" => x + At(1) + At(-3) + At(4),
            "rot 0" or "rot N/2" or "rot sum 0" or "drop 0" or "copy" or "relin 2" => x,
            "conj" => Complex.Conjugate(x),
            "i x" => Complex.ImaginaryOne * x,
            "sum" => (2 * x) + y,
            "sum of one" => x,
            "re" => x.Real,
            "im" => x.Imaginary,
            "join" => x + (Complex.ImaginaryOne * y),
            "integers" => (5 * x) - (3 * y),
            "weights" => (0.5 * x) - (0.25 * y),
            "sum of products" or "sum of products 3" => (x * y) + (y * y) + (x * x) + (y * x),
            "sum 2 3 2" => x + (x * y) + y,
            "i 3" => Complex.ImaginaryOne * x * y,
            "3 + c" => (x * y) + new Complex(-1, 0.25),
            "x c" => x * new Complex(0.1, 0.7),
            "transform many" => Enumerable.Range(-2, 6).Aggregate(Complex.Zero, (z, k) => z + (Math.Cos((i % 4) - (2 * k)) * At(k))) + (2 * y),
            "x y" or "x y rescaled" or "3 rescaled" or "3 copied" or "3 dropped" or "relin 3" => x * y,
            "x x" => x * x,
            "x v" or "rescale" => x * v,
            "x c rescaled" => x * new Complex(0.1, 0.7),
            "x x y y" => (x * x) + (y * y),
            "3 + 3" => 2 * x * y,
            "3 + 2" or "2 + 3" => (x * y) + x,
            "3 - 2" => (x * y) - x,
            "2 - 3" => x - (x * y),
            "3 - 3" => (x * y) - (y * y),
            "-3" => -(x * y),
            "3 + v" => (x * y) + v,
            "n 3" => 1000 * x * y,
            "transform" => Enumerable.Range(-2, 6).Aggregate(Complex.Zero, (z, k) => z + (Math.Cos((i % 4) - (2 * k)) * At(k))),
            _ => throw new ArgumentException($"No such operation: {name}."),
        };
    }

    // Forms that write to destinations, and sums of many.
    private static T? RunForm<T>(string name, CircuitEvaluator<T> e, T x, T y)
        where T : class, ICircuitValue => name switch
        {
            "x + c -> x" => Into(e.Copy(x), d => e.AddConstantInto(d, new Complex(0.5, -2), d)),
            "conj -> x" => Into(e.Copy(x), d => e.ConjugateInto(d, d)),
            "copy -> dirty" => Into(Dirty(e), d => e.CopyInto(x, d)),
            "i x" => e.MultiplyImaginaryUnit(x),
            "i x -> x" => Into(e.Copy(x), d => e.MultiplyImaginaryUnitInto(d, d)),
            "sum" => e.Sum(x, y, x),
            "sum of one" => e.Sum(x),
            "sum -> x" => Into(e.Copy(x), d => e.SumInto([d, y, d], d)),
            "sum -> y" => Into(e.Copy(y), d => e.SumInto([x, d, x], d)),
            "sum -> dirty" => Into(Dirty(e), d => e.SumInto([x, y, x], d)),
            "rot many -> x" => Into(e.Copy(x), d => e.RotateManyInto(d, [0, 4], [e.Allocate(0), d])),
            "re" => Chosen([e.Split(x).Real], 0),
            "im" => Chosen([e.Split(x).Imaginary], 0),
            "re -> x" => Into(e.Copy(x), d => e.SplitInto(d, d, Dirty(e))),
            "re -> itself" => Into(e.Copy(x), d => e.RealPartInto(d, d)),
            "re -> dirty" => Into(Dirty(e), d => e.RealPartInto(x, d)),
            "im -> x" => Into(e.Copy(x), d => e.SplitInto(d, Dirty(e), d)),
            "join" => e.Join(x, y),
            "join -> x" => Into(e.Copy(x), d => e.JoinInto(d, y, d)),
            "join -> y" => Into(e.Copy(y), d => e.JoinInto(x, d, d)),
            "integers" => Into(e.Allocate(x.Level), d => e.MultiplyIntegerMatrixInto([7, 1, 5, -3], [x, y], new Scale(1), [e.Allocate(0), d])),
            "integers -> x" => Into(e.Copy(x), d => e.MultiplyIntegerMatrixInto([5, -3], [d, y], new Scale(1), [d])),
            "integers -> dirty" => Into(Dirty(e), d => e.MultiplyIntegerMatrixInto([5, -3], [x, y], new Scale(1), [d])),
            "sum of products" => e.SumOfProducts([x, y, x, y], [y, y, x, x]),
            "sum of products -> x" => Into(e.Copy(x), d => e.SumOfProductsInto([d, y, d, y], [y, y, d, d], d)),
            "sum of products -> y" => Into(e.Copy(y), d => e.SumOfProductsInto([x, d, x, d], [d, d, x, x], d)),
            "sum of products 3" => e.TensorProductSum([x, y, x, y], [y, y, x, x]),
            "sum of products 3 -> dirty" => Into(e.Allocate(0), d => e.TensorProductSumInto([x, y, x, y], [y, y, x, x], d)),
            "sum 2 3 2" => e.Sum(Lifted(e, x), e.TensorProduct(x, y), Lifted(e, y)),
            "i 3" => e.MultiplyImaginaryUnit(e.TensorProduct(x, y)),
            "3 + c" => e.AddConstant(e.TensorProduct(x, y), new Complex(-1, 0.25)),
            "n 3 -> 3" => Into(e.TensorProduct(x, y), d => e.MultiplyIntegerInto(d, 1000, d)),
            "weights" => Into(e.Allocate(0), d => e.MultiplyIntegerMatrixInto([1 << 19, -(1 << 18)], [x, y], Scale.FromLog2(20), [d])),
            "weights -> y" => Into(e.Copy(y), d => e.MultiplyIntegerMatrixInto(
                [3, 4, 1 << 19, -(1 << 18)], [x, d], Scale.FromLog2(20), [e.Allocate(0), d])),
            "x c -> x" => Into(e.Copy(x), d => e.MultiplyConstantInto(d, new Complex(0.1, 0.7), null, d)),
            "x x -> dirty" => Into(Dirty(e), d => e.SquareInto(x, d)),
            "transform many" => Chosen(e.TransformMany([x, y], Blocks, null), 1),
            "transform many -> x" => Into(e.Copy(x), d => e.TransformManyInto([d, y], Blocks, null, [Dirty(e), d])),
            _ => null,
        };

    private static T RunProduct<T>(string name, CircuitEvaluator<T> e, T x, T y, SlotVector v)
        where T : class, ICircuitValue
    {
        LinearTransform transform = new(Matrix, 2);
        return name switch
        {
            "x y" => e.Multiply(x, y),
            "x x" => e.Square(x),
            "x y rescaled" => e.Rescale(e.Multiply(x, y)),
            "x v" => e.MultiplyPlain(x, v),
            "x c rescaled" => e.Rescale(e.MultiplyConstant(x, new Complex(0.1, 0.7))),
            "x x y y" => e.Rescale(e.Relinearize(e.Add(e.TensorProduct(x, x), e.TensorProduct(y, y)))),
            "3 + 3" => e.Add(e.TensorProduct(x, y), e.TensorProduct(y, x)),
            "3 + 2" => e.Add(e.TensorProduct(x, y), Lifted(e, x)),
            "2 + 3" => e.Add(Lifted(e, x), e.TensorProduct(x, y)),
            "3 - 2" => e.Subtract(e.TensorProduct(x, y), Lifted(e, x)),
            "2 - 3" => e.Subtract(Lifted(e, x), e.TensorProduct(x, y)),
            "3 - 3" => e.Subtract(e.TensorProduct(x, y), e.TensorProduct(y, y)),
            "-3" => e.Negate(e.TensorProduct(x, y)),
            "3 + v" => e.AddPlain(e.TensorProduct(x, y), v),
            "n 3" => e.MultiplyInteger(e.TensorProduct(x, y), 1000),
            "3 rescaled" => e.Rescale(e.TensorProduct(x, y)),
            "3 copied" => e.Copy(e.TensorProduct(x, y)),
            "3 dropped" => e.DropLevel(e.TensorProduct(x, y), x.Level),
            "transform" => e.Rescale(e.Transform(x, transform)),
            "x y -> x" => Into(e.Copy(x), d => e.MultiplyInto(d, y, d)),
            "x y -> y" => Into(e.Copy(y), d => e.MultiplyInto(x, d, d)),
            "x x -> x" => Into(e.Copy(x), d => e.MultiplyInto(d, d, d)),
            "3 -> x" => Into(e.Copy(x), d => e.TensorProductInto(d, y, d)),
            "3 rescaled -> 3" => Into(e.TensorProduct(x, y), d => e.RescaleInto(d, d)),
            "relin 3 -> 3" => Into(e.TensorProduct(x, y), d => e.RelinearizeInto(d, d)),
            "x v -> x" => Into(e.Copy(x), d => e.MultiplyPlainInto(d, v, null, d)),
            "rescale -> x" => Into(e.MultiplyPlain(x, v), d => e.RescaleInto(d, d)),
            "transform -> x" => Into(e.Copy(x), d => e.TransformInto(d, transform, null, d)),
            "3 -> dirty" => Into(Dirty(e), d => e.TensorProductInto(x, y, d)),
            "transform -> dirty" => Into(Dirty(e), d => e.TransformInto(x, transform, null, d)),
            _ => throw new ArgumentException($"No such operation: {name}."),
        };
    }

    // x at the scale of a product of two operands.
    private static T Lifted<T>(CircuitEvaluator<T> e, T x)
        where T : class, ICircuitValue => e.MultiplyConstant(x, 1.0, x.Scale);

    // A destination of other level and parts than any result, holding something.
    private static T Dirty<T>(CircuitEvaluator<T> e)
        where T : class, ICircuitValue => e.Allocate(0, 3);

    private static T Into<T>(T destination, Action<T> action)
    {
        action(destination);
        return destination;
    }

    private static T Chosen<T>(T[] values, int index)
        where T : IDisposable
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (i != index)
            {
                values[i].Dispose();
            }
        }

        return values[index];
    }
}
