# One image, three roles: Portal__Roles says which of portal, worker and enforcement a container plays.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# the packages first: a change of code does not restore again
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/CoEPortal.Governance/*.csproj src/CoEPortal.Governance/packages.lock.json src/CoEPortal.Governance/
COPY src/CoEPortal.Workflows/*.csproj src/CoEPortal.Workflows/packages.lock.json src/CoEPortal.Workflows/
COPY src/CoEPortal.Evidence/*.csproj src/CoEPortal.Evidence/packages.lock.json src/CoEPortal.Evidence/
COPY src/CoEPortal.Enforcement/*.csproj src/CoEPortal.Enforcement/packages.lock.json src/CoEPortal.Enforcement/
COPY src/CoEPortal.Cli/*.csproj src/CoEPortal.Cli/packages.lock.json src/CoEPortal.Cli/
COPY src/CoEPortal.Web/*.csproj src/CoEPortal.Web/*.targets src/CoEPortal.Web/packages.lock.json src/CoEPortal.Web/
ENV ContinuousIntegrationBuild=true DOTNET_NOLOGO=1
RUN dotnet restore src/CoEPortal.Web && dotnet restore src/CoEPortal.Cli

COPY src src
COPY db/migrations db/migrations
COPY workflows workflows
COPY templates templates
RUN dotnet publish src/CoEPortal.Web --no-restore --configuration Release --output /out/portal \
 && dotnet publish src/CoEPortal.Cli --no-restore --configuration Release --output /out/cli

# Debian, because the Chromium of the official image's Ubuntu is a snap, and a snap does not run in a container
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates chromium curl fonts-dejavu-core libicu72 libssl3 tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1654 --create-home portal
COPY --from=mcr.microsoft.com/dotnet/aspnet:10.0 /usr/share/dotnet /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/local/bin/dotnet
WORKDIR /portal
COPY --from=build /out/portal .
COPY --from=build /out/cli /cli
COPY --from=build /source/workflows workflows
COPY --from=build /source/templates templates
RUN printf '#!/bin/sh\nexec dotnet /cli/coe.dll "$@"\n' > /usr/local/bin/coe && chmod +x /usr/local/bin/coe \
 && mkdir /data /checkpoints && chown portal /data /checkpoints
ENV ASPNETCORE_URLS=http://+:8080 Portal__DataDirectory=/data
VOLUME /data
EXPOSE 8080
USER portal
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["curl", "--fail", "--silent", "--show-error", "--output", "/dev/null", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["dotnet", "CoEPortal.Web.dll"]
