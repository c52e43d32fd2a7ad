namespace Heann.Core.Circuits;

/// <summary>Chooses how each needed power is made of two others at depth ⌈log2 k⌉, adding as few further powers as it can.</summary>
internal static class PowerPlanner
{
    /// <summary>Steps, ascending by index, for the given powers and all they need.</summary>
    public static IReadOnlyList<PowerStep> Plan(PolynomialBasis basis, IReadOnlySet<int> powers)
    {
        SortedSet<int> open = [.. powers.Where(k => k > 1)];
        HashSet<int> needed = [.. open, 1];
        List<PowerStep> steps = [];
        while (open.Count > 0)
        {
            // From the largest down: whatever a step needs is smaller and still to come.
            int k = open.Max;
            open.Remove(k);
            PowerStep step = Choose(basis, k, needed);
            steps.Add(step);
            foreach (int operand in Operands(step))
            {
                if (needed.Add(operand))
                {
                    open.Add(operand);
                }
            }
        }

        steps.Reverse();
        return steps;
    }

    /// <summary>Squares where k is even unless another pair adds fewer powers; among equals the most balanced pair.</summary>
    private static PowerStep Choose(PolynomialBasis basis, int k, HashSet<int> needed)
    {
        int depth = PolynomialPlan.PowerDepth(k);
        PowerStep best = default;
        int fewest = int.MaxValue;
        for (int left = (k + 1) / 2; left <= 1 << (depth - 1) && left < k; left++)
        {
            int right = k - left;
            PowerStep step = new(k, left, right, basis == PolynomialBasis.Chebyshev ? left - right : -1, depth);
            int added = Operands(step).Count(operand => !needed.Contains(operand));
            if (added < fewest)
            {
                (fewest, best) = (added, step);
            }
        }

        return best;
    }

    private static IEnumerable<int> Operands(PowerStep step)
    {
        int[] operands = [step.Left, step.Right, step.Difference];
        return operands.Where(k => k >= 1).Distinct();
    }
}
