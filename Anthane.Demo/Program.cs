Console.WriteLine("Anthane demo");
