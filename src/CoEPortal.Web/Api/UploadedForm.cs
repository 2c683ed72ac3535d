using CoEPortal.Governance.Access;
using CoEPortal.Governance.Documents;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace CoEPortal.Web.Api;

/// <summary>A form with one file (multipart/form-data), held in memory: nothing that somebody uploads is written to a disk.</summary>
internal sealed record UploadedForm(IFormCollection Fields, IFormFile? File)
{
    // A form adds a little around the file.
    private const int LargestBody = UploadedFile.LargestBytes + 64 * 1024;

    public static RequestSizeLimitAttribute Limit => new(LargestBody);

    public static async Task<UploadedForm> ReadAsync(HttpContext http)
    {
        Refuse.If(!http.Request.HasFormContentType, "form-required", "Send a form (multipart/form-data) with the file as the part named file.");
        var form = await http.Request.ReadFormAsync(new FormOptions { MemoryBufferThreshold = LargestBody, MultipartBodyLengthLimit = LargestBody }, http.RequestAborted);
        return new(form, form.Files["file"]);
    }

    /// <param name="wrong">What else is wrong with the form; all of it is told at once.</param>
    /// <exception cref="InvalidFieldsException">The form has no file, or something else is wrong.</exception>
    public async Task<UploadedFile> FileAsync(Dictionary<string, string[]> wrong, CancellationToken cancellation)
    {
        if (File is null)
        {
            wrong["file"] = ["Send the file as the part named file."];
        }

        if (wrong.Count > 0)
        {
            throw new InvalidFieldsException(wrong);
        }

        using var content = new MemoryStream();
        await using var stream = File!.OpenReadStream();
        await stream.CopyToAsync(content, cancellation);
        return UploadedFile.Read(File.FileName, content.ToArray());
    }
}
