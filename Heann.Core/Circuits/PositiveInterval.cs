namespace Heann.Core.Circuits;

/// <summary>Checks and steps that the iterations on an interval [a, b] of positive numbers share.</summary>
internal static class PositiveInterval
{
    /// <summary>Iterations beyond which no method is asked to go: 16 already reach any error that doubles can show.</summary>
    public const int MaxIterationCount = 16;

    public static void Require(double lowerBound, double upperBound)
    {
        if (!double.IsFinite(upperBound) || !(lowerBound > 0) || lowerBound >= upperBound)
        {
            throw new ArgumentException($"An interval of positive numbers needs finite ends 0 < a < b; got [{lowerBound}, {upperBound}].", nameof(lowerBound));
        }
    }

    public static void RequireIterations(int iterationCount, int least)
    {
        if (iterationCount < least || iterationCount > MaxIterationCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(iterationCount), iterationCount, $"There are {least} to {MaxIterationCount} iterations; got {iterationCount}.");
        }
    }

    /// <summary>The fewest iterations whose error is at most the wanted one.</summary>
    public static int Iterations(int least, double maxError, Func<int, double> errorAfter)
    {
        if (!(maxError > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(maxError), maxError, $"The wanted error is a positive number; got {maxError}.");
        }

        for (int count = least; count <= MaxIterationCount; count++)
        {
            if (errorAfter(count) <= maxError)
            {
                return count;
            }
        }

        throw new ArgumentException(
            $"{MaxIterationCount} iterations leave an error of {errorAfter(MaxIterationCount):E1} and {maxError:E1} was asked for; narrow the interval or accept a larger error.",
            nameof(maxError));
    }
}
