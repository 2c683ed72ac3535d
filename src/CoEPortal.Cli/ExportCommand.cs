namespace CoEPortal.Cli;

/// <summary>Takes the whole audit log out of the portal, for an auditor who wants to check it elsewhere.</summary>
internal static class ExportCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var line = new CommandLine(arguments);
        var path = line.Words.Count == 1 ? line.Words[0] : throw new CommandException("Name the file to write: coe audit export FILE");
        using var http = PortalClient.Open();
        using var answer = await http.GetAsync("/api/v1/audit/log", HttpCompletionOption.ResponseHeadersRead);
        if (!answer.IsSuccessStatusCode)
        {
            throw new CommandException($"The portal gave no log: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }

        // Beside it first: a connection that breaks must not leave half a log under the name of a whole one.
        var draft = path + ".part";
        await using (var file = File.Create(draft))
        {
            await answer.Content.CopyToAsync(file);
        }

        File.Move(draft, path, overwrite: true);
        Console.WriteLine($"{new FileInfo(path).Length:N0} bytes written to {path}");
        Console.WriteLine("Check it with `coe audit verify`, with the key and the checkpoints that you keep yourself.");
        return 0;
    }
}
