using System.Diagnostics.CodeAnalysis;

namespace Heann.Core;

/// <summary>The messages of the domain errors, in one place. Each names both values and the remedy. A leaf: every folder may use it.</summary>
internal static class Throw
{
    [DoesNotReturn]
    public static void ScaleMismatch(Scale left, Scale right, string operation) => throw new ScaleMismatchException(
        $"Scales differ: {left} and {right} (by {left.RelativeDifference(right):E1} of their value); rescale, or multiply a constant in at the quotient, before {operation}.");

    [DoesNotReturn]
    public static void LevelMismatch(int left, int right, string operation) => throw new LevelMismatchException(
        $"Levels differ: {left} and {right}; use DropLevel on the higher one before {operation}.");

    [DoesNotReturn]
    public static void LevelExhausted(string operation, int available, int needed) => throw new LevelExhaustedException(
        $"{operation} needs {needed} level(s) and {available} are left; choose parameters with {needed - available} more level(s).")
    {
        Operation = operation,
        Available = available,
        Needed = needed,
    };

    [DoesNotReturn]
    public static void MissingKey(string what, string have) => throw new MissingKeyException(
        $"There is no key for {what} among the evaluation keys ({have}); create it with KeyGenerator and pass it to the evaluator.");

    [DoesNotReturn]
    public static void KeyTooLow(string what, int keyLevel, int level) => throw new MissingKeyException(
        $"The key for {what} was truncated to level {keyLevel} and the ciphertext is at level {level}; create the key for level {level}, or drop the ciphertext to level {keyLevel} first.");

    [DoesNotReturn]
    public static void ForeignParameters(object left, object right) => throw new ForeignOperandException(
        $"The operands belong to different parameters: {left} and {right}. Encrypt and evaluate with one parameter set.");

    [DoesNotReturn]
    public static void ForeignKey(object left, object right) => throw new ForeignOperandException(
        $"The operands belong to different keys: {left} and {right}. Use the keys that the ciphertext was encrypted for.");

    [DoesNotReturn]
    public static void PartCount(int actual, int expected, string operation) => throw new InvalidOperationException(
        $"{operation} takes a ciphertext of {expected} parts and this one has {actual}; relinearise it first.");

    [DoesNotReturn]
    public static void LevelOutOfRange(int level, int maxLevel, string name) => throw new ArgumentOutOfRangeException(
        name, level, $"Level {level} is not in 0 … {maxLevel}, the levels of these parameters.");
}
