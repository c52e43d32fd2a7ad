namespace Heann.Core.Evaluation;

public abstract partial class CircuitEvaluator<T>
{
    /// <summary>A result under way: computed into <see cref="Target"/>, then committed to its destination. Allocates nothing itself.</summary>
    /// <remarks>
    /// The target carries the label of the result, except where it is an operand that is written in place: then it keeps its own until
    /// <see cref="Commit"/>, and the core reads level and parts there. Where a core throws, a temporary is left to its finaliser.
    /// </remarks>
    private protected readonly ref struct Outcome
    {
        private readonly CircuitEvaluator<T> _evaluator;
        private readonly T _destination;
        private readonly ResultLabel _label;

        internal Outcome(CircuitEvaluator<T> evaluator, T target, T destination, ResultLabel label)
        {
            _evaluator = evaluator;
            Target = target;
            _destination = destination;
            _label = label;
        }

        /// <summary>Where the core writes.</summary>
        public T Target { get; }

        /// <summary>The result is there: labels the destination.</summary>
        public void Commit()
        {
            if (!ReferenceEquals(Target, _destination))
            {
                _evaluator.Move(Target, _destination);
            }

            _evaluator.Label(_destination, _label.Level, _label.PartCount, _label.Scale, _label.Noise);
            _evaluator.CountOperations(1);
        }
    }
}
