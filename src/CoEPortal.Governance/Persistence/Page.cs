using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Persistence;

/// <summary>A page of a list; <see cref="Number"/> counts from 1.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, int Total, int Number, int Size);

public static class Paging
{
    public const int LargestSize = 200;

    /// <summary>Asks for one page. Numbers and sizes out of range are moved into it, so a shared link never fails.</summary>
    public static async Task<Page<T>> ToPageAsync<T>(this IQueryable<T> rows, int page, int size, CancellationToken cancellation)
    {
        size = Math.Clamp(size, 1, LargestSize);
        page = Math.Clamp(page, 1, int.MaxValue / size);
        var before = (page - 1) * size;
        var items = await rows.Skip(before).Take(size).ToListAsync(cancellation);
        // The last page shows by itself how many there are.
        var isLast = items.Count < size && (items.Count > 0 || page == 1);
        return new Page<T>(items, isLast ? before + items.Count : await rows.CountAsync(cancellation), page, size);
    }
}
