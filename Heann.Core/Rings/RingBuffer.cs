namespace Heann.Core.Rings;

/// <summary>Storage for limbs × N residues, wherever and however its backend keeps them.</summary>
/// <remarks>
/// Opaque: residues go in and come out through <see cref="RingBackend.Upload"/> and <see cref="RingBackend.Download"/>. Returned to its
/// backend by <see cref="Dispose()"/>; a buffer that is forgotten is returned by the finaliser, later.
/// Not thread-safe: one writer or many readers.
/// </remarks>
public abstract class RingBuffer : IDisposable
{
    private int _isDisposed;

    /// <summary>Creates a buffer.</summary>
    protected RingBuffer(RingBackend backend, int ringDegree, int limbCount)
    {
        Backend = backend;
        RingDegree = ringDegree;
        LimbCount = limbCount;
    }

    /// <summary>Gives the storage back if nobody did.</summary>
    ~RingBuffer() => Release();

    /// <summary>The backend that owns the storage.</summary>
    public RingBackend Backend { get; }

    /// <summary>N, the number of residues of a limb.</summary>
    public int RingDegree { get; }

    /// <summary>Number of limbs.</summary>
    public int LimbCount { get; }

    /// <summary>Whether the storage was given back.</summary>
    public bool IsDisposed => _isDisposed != 0;

    /// <summary>Gives the storage back to the backend's pool. Further use throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether the residues are a secret: overwritten with zeros before the storage goes back, by whichever way it does.</summary>
    internal bool IsSecret { get; set; }

    /// <summary>Overwrites the storage with zeros.</summary>
    internal void Wipe() => WipeStorage();

    /// <summary>Overwrites the storage with zeros, in a way that is not optimised away.</summary>
    protected abstract void WipeStorage();

    /// <summary>Gives the storage back; called once.</summary>
    protected abstract void ReleaseStorage();

    private void Release()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            if (IsSecret)
            {
                WipeStorage();
            }

            ReleaseStorage();
        }
    }
}
