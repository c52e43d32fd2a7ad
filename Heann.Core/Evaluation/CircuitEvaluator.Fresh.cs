namespace Heann.Core.Evaluation;

public abstract partial class CircuitEvaluator<T>
{
    /// <summary>A new value that an operation is about to fill: given back where the operation throws, given away by
    /// <see cref="Take"/>.</summary>
    private protected ref struct Fresh
    {
        private T? _value;

        internal Fresh(CircuitEvaluator<T> evaluator, int level, int partCount = 2) => _value = evaluator.Allocate(level, partCount);

        /// <summary>The value, as a destination.</summary>
        public readonly T Value => _value!;

        /// <summary>The value, now the caller's.</summary>
        public T Take()
        {
            T value = _value!;
            _value = null;
            return value;
        }

        public readonly void Dispose() => _value?.Dispose();
    }
}
