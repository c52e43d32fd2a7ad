namespace Heann.Core.Rings;

/// <summary>Buffers for intermediate polynomials of operations, kept for reuse: a few at a time, the rest go back to the backend.</summary>
/// <remarks>In a steady state nothing is allocated. Thread-safe.</remarks>
internal sealed class ScratchPool(RingBackend backend) : IDisposable
{
    private const int MaxIdleCount = 8;

    private readonly Lock _lock = new();
    private readonly List<RingBuffer> _idle = new(MaxIdleCount + 1);
    private bool _isDisposed;

    /// <summary>Limbs of undefined contents for a polynomial over a basis.</summary>
    /// <param name="basis">The primes of the limbs.</param>
    /// <param name="isSecret">Whether they are overwritten with zeros before anybody else gets them.</param>
    public Scratch Rent(RnsBasis basis, bool isSecret = false)
    {
        RingBuffer buffer = Take(basis) ?? backend.Allocate(basis.RingDegree, basis.Count);
        buffer.IsSecret = isSecret;
        return new(this, buffer, basis);
    }

    /// <summary>Gives all idle buffers back to the backend.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (RingBuffer buffer in _idle)
            {
                buffer.Dispose();
            }

            _idle.Clear();
        }
    }

    // The one with the fewest limbs that suffice.
    private RingBuffer? Take(RnsBasis basis)
    {
        lock (_lock)
        {
            int best = -1;
            for (int i = 0; i < _idle.Count; i++)
            {
                RingBuffer buffer = _idle[i];
                bool fits = buffer.RingDegree == basis.RingDegree && buffer.LimbCount >= basis.Count;
                best = fits && (best < 0 || buffer.LimbCount < _idle[best].LimbCount) ? i : best;
            }

            if (best < 0)
            {
                return null;
            }

            RingBuffer found = _idle[best];
            _idle.RemoveAt(best);
            return found;
        }
    }

    private void Return(RingBuffer buffer)
    {
        if (buffer.IsSecret)
        {
            buffer.Wipe();
        }

        lock (_lock)
        {
            _idle.Add(buffer);
            while (_idle.Count > (_isDisposed ? 0 : MaxIdleCount))
            {
                _idle[0].Dispose(); // the one idle for longest
                _idle.RemoveAt(0);
            }
        }
    }

    /// <summary>A rented polynomial.</summary>
    internal readonly ref struct Scratch
    {
        private readonly ScratchPool _pool;
        private readonly RingBuffer _buffer;
        private readonly RnsBasis _basis;

        internal Scratch(ScratchPool pool, RingBuffer buffer, RnsBasis basis)
        {
            _pool = pool;
            _buffer = buffer;
            _basis = basis;
        }

        /// <summary>All limbs.</summary>
        public LimbBlock Block => new(_buffer, 0, _basis);

        /// <summary>Limbs <paramref name="start"/> onwards, as many as the basis has primes.</summary>
        public LimbBlock Slice(int start, RnsBasis basis) => new(_buffer, start, basis);

        /// <summary>Gives it back.</summary>
        public void Dispose() => _pool.Return(_buffer);
    }
}
